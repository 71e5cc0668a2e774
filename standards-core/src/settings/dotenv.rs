//! The `.env` file, in the dialect of the guideline's own reader, python-dotenv.
//!
//! | written | read |
//! |---|---|
//! | `A=b c`, `export A = b`, `A=b#c` | as it stands, without the spaces around it |
//! | `A=b # c`, `A= # c` | without what follows a `#` after a space |
//! | `A='b # c'` | as it stands; `\'` and `\\` are `'` and `\` |
//! | `A="b\nc"` | with `\\ \' \" \a \b \f \n \r \t \v` read; other backslashes stay |
//! | `A=["b","c"]`, `A=b$c` | as it stands: a quote inside is a quote, a `$` is a `$` |
//!
//! Quoted values may have several lines; a byte order mark is none of the first name's, and a line may end with `\r\n`. Of two lines with one
//! name the last one counts. Two things that python-dotenv does in silence are refused: it replaces `${NAME}` outside single quotes, and
//! passes over a line without `=`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The largest file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    /// The variable, where the line got as far as its `=`.
    pub(super) name: Option<String>,
    pub(super) reason: &'static str,
}

const NO_PAIR: &str = "no es NOMBRE=valor";
const OPEN: &str = "no cierra su comilla";
const AFTER_QUOTE: &str = "tiene texto tras la comilla que cierra";
const REPLACED: &str = "tiene ${...}, que no se reemplaza: va entre comillas simples o con su valor";

/// The text of the file; `None` where there is none.
///
/// # Errors
///
/// Why it cannot be read. What is no ordinary file is not opened: a pipe or a device would never end.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&error)),
        Ok(found) if found.is_dir() => Err("es un directorio".to_owned()),
        Ok(found) if !found.is_file() => Err("no es un archivo".to_owned()),
        Ok(_) => File::open(path).map_err(|error| unreadable(&error)).and_then(text_of).map(Some),
    }
}

/// The first error ends the reading.
fn text_of(file: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("tiene más de {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        format!("no es UTF-8 en la línea {}", valid.filter(|byte| **byte == b'\n').count() + 1)
    })
}

fn unreadable(error: &io::Error) -> String {
    format!("no se puede leer: {error}")
}

/// The pairs of a file, and what is wrong with its other lines.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = Result<(String, String), Fault>> {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    std::iter::from_fn(move || reader.next())
}

/// What is left of a text, and in which line it begins.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Result<(String, String), Fault>> {
        loop {
            self.take_while(char::is_whitespace);
            match self.rest.chars().next()? {
                '#' => self.take_line(),
                _ => break,
            };
        }
        let line = self.line;
        let pair = self.pair();
        if pair.is_err() {
            self.take_line();
        }
        Some(pair.map_err(|(name, reason)| Fault { line, name, reason }))
    }

    fn pair(&mut self) -> Result<(String, String), (Option<String>, &'static str)> {
        let name = self.name().ok_or((None, NO_PAIR))?;
        self.take_while(is_space);
        if !self.take('=') {
            return Err((None, NO_PAIR));
        }
        match self.value() {
            Ok(value) => Ok((name, value)),
            Err(reason) => Err((Some(name), reason)),
        }
    }

    /// In single quotes or not, and after `export` or not.
    fn name(&mut self) -> Option<String> {
        if let Some(after) = self.rest.strip_prefix("export").filter(|after| after.starts_with(is_space)) {
            self.rest = after.trim_start_matches(is_space);
        }
        let quoted = self.take('\'');
        let name = if quoted {
            self.take_while(|character| !matches!(character, '\'' | '\r' | '\n'))
        } else {
            self.take_while(|character| !matches!(character, '=' | '#') && !character.is_whitespace())
        };
        (!name.is_empty() && (!quoted || self.take('\''))).then(|| name.to_owned())
    }

    fn value(&mut self) -> Result<String, &'static str> {
        let spaced = !self.take_while(is_space).is_empty();
        match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some('#') if spaced => {
                self.take_line();
                Ok(String::new())
            }
            _ => as_it_stands(without_comment(self.take_line())),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let inside = self.rest.get(1..).unwrap_or_default();
        let end = end_of_quoted(inside, quote).ok_or(OPEN)?;
        let raw = inside.get(..end).unwrap_or_default();
        self.line += lines_in(raw);
        self.rest = inside.get(end + 1..).unwrap_or_default();
        self.take_while(is_space);
        if !self.rest.is_empty() && !self.rest.starts_with(['#', '\r', '\n']) {
            return Err(AFTER_QUOTE);
        }
        self.take_line();
        if quote == '"' {
            as_it_stands(raw)?;
        }
        Ok(unescaped(raw, quote))
    }

    fn take(&mut self, character: char) -> bool {
        let after = self.rest.strip_prefix(character);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.line += lines_in(taken);
        self.rest = rest;
        taken
    }

    /// The rest of the line, which stays at its end.
    fn take_line(&mut self) -> &'a str {
        self.take_while(|character| !matches!(character, '\r' | '\n'))
    }
}

/// A space that ends no line.
fn is_space(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\r' | '\n')
}

fn lines_in(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

/// What stands before a `#` that follows a space.
fn without_comment(text: &str) -> &str {
    let comment = text.match_indices('#').find(|(at, _)| text.split_at(*at).0.ends_with(char::is_whitespace));
    comment.map_or(text, |(at, _)| text.split_at(at).0).trim_end()
}

/// A value in which nothing is to be replaced.
fn as_it_stands(text: &str) -> Result<String, &'static str> {
    let replaced = text.split_once("${").is_some_and(|(_, after)| after.contains('}'));
    if replaced { Err(REPLACED) } else { Ok(text.to_owned()) }
}

/// Where the quote stands that closes: no backslash escapes it.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, character)| {
        let closes = character == quote && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescaped(raw: &str, quote: char) -> String {
    let (mut value, mut rest) = (String::with_capacity(raw.len()), raw);
    while let Some((before, after)) = rest.split_once('\\') {
        value.push_str(before);
        let mut characters = after.chars();
        match characters.next().and_then(|character| meaning(character, quote)) {
            Some(character) => value.push(character),
            // It stays, and so does what follows it.
            None => value.extend(["\\", after.get(..after.len() - characters.as_str().len()).unwrap_or_default()]),
        }
        rest = characters.as_str();
    }
    value + rest
}

/// What a character means after a backslash.
fn meaning(character: char, quote: char) -> Option<char> {
    match character {
        '\\' | '\'' => Some(character),
        _ if quote == '\'' => None,
        '"' => Some('"'),
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
