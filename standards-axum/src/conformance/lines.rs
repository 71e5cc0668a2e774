//! The service's log, line by line, bounded.

use serde_json::Value;

use super::text::clean;

/// What is kept of a line.
const LINE_BYTES: usize = 64 << 10;
/// What is kept of a log.
const LOG_BYTES: usize = 6 << 20;

/// One line, without its line feed.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub text: String,
    /// How long it was.
    pub bytes: usize,
    /// Whether it was cut.
    pub cut: bool,
    /// Whether it was UTF-8.
    pub utf8: bool,
    /// What it says, where it is a JSON object.
    pub record: Option<Value>,
}

impl Line {
    fn of(kept: &[u8], bytes: usize) -> Self {
        let record = serde_json::from_slice::<Value>(kept).ok().filter(Value::is_object);
        let cut = kept.len() < bytes;
        let utf8 = cut || std::str::from_utf8(kept).is_ok();
        Self { text: String::from_utf8_lossy(kept).into_owned(), bytes, cut, utf8, record }
    }

    /// To be shown.
    pub(super) fn shown(&self) -> String {
        clean(&self.text)
    }
}

/// All lines that were kept, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub lines: Vec<Line>,
    /// How many were not kept, since there were too many.
    pub dropped: usize,
    bytes: usize,
}

impl Log {
    fn push(&mut self, kept: &[u8], bytes: usize) {
        if kept.iter().all(u8::is_ascii_whitespace) && !kept.is_empty() || bytes == 0 {
            return;
        }
        if self.bytes + kept.len() > LOG_BYTES {
            self.dropped += 1;
            return;
        }
        self.bytes += kept.len();
        self.lines.push(Line::of(kept, bytes));
    }

    /// The same of what Elasticsearch exports, a document a line: the record is the document's `_source`.
    pub(super) fn exported(mut self) -> Self {
        for line in &mut self.lines {
            let source =
                line.record.as_mut().and_then(|document| document.get_mut("_source")).filter(|source| source.is_object());
            if let Some(source) = source {
                line.record = Some(source.take());
            }
        }
        self
    }

    /// The lines that are JSON objects.
    pub(super) fn records(&self) -> impl Iterator<Item = (&Line, &Value)> {
        self.lines.iter().filter_map(|line| Some((line, line.record.as_ref()?)))
    }

    /// The records of one request.
    pub(super) fn of(&self, id: &str) -> impl Iterator<Item = (&Line, &Value)> {
        self.records().filter(move |(_, record)| record.get("correlation_id").and_then(Value::as_str) == Some(id))
    }

    /// The last lines, to be shown.
    pub(super) fn tail(&self) -> String {
        let from = self.lines.len().saturating_sub(3);
        self.lines.iter().skip(from).map(Line::shown).collect::<Vec<_>>().join(" | ")
    }
}

/// Cuts a stream into lines, whatever its pieces; keeps the beginning of one that is too long.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    kept: Vec<u8>,
    bytes: usize,
}

impl Splitter {
    /// Takes a piece of the stream.
    pub(super) fn feed(&mut self, piece: &[u8], log: &mut Log) {
        let mut parts = piece.split(|byte| *byte == b'\n');
        self.take(parts.next().unwrap_or_default());
        for part in parts {
            self.end(log);
            self.take(part);
        }
    }

    /// The line is over.
    pub(super) fn end(&mut self, log: &mut Log) {
        let kept = self.kept.strip_suffix(b"\r").unwrap_or(&self.kept);
        log.push(kept, self.bytes - (self.kept.len() - kept.len()));
        self.kept.clear();
        self.bytes = 0;
    }

    fn take(&mut self, part: &[u8]) {
        self.bytes += part.len();
        let room = LINE_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(part.get(..room).unwrap_or(part));
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE_BYTES, Log, Splitter};

    fn read(pieces: &[&[u8]]) -> Log {
        let (mut splitter, mut log) = (Splitter::default(), Log::default());
        pieces.iter().for_each(|piece| splitter.feed(piece, &mut log));
        splitter.end(&mut log);
        log
    }

    #[test]
    fn lines_come_whole_whatever_the_pieces() {
        let log = read(&[b"{\"correlation_id\"", b":\"a\"}\nuno\r\n\n", b"dos"]);
        let texts: Vec<&str> = log.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["{\"correlation_id\":\"a\"}", "uno", "dos"]);
        assert_eq!(log.of("a").count(), 1);
    }

    #[test]
    fn a_document_that_was_exported_is_the_record_in_it() {
        let lines =
            b"{\"_index\":\"logs\",\"_source\":{\"correlation_id\":\"a\"}}\n{\"correlation_id\":\"b\"}\n{\"_source\":1}\n";
        let log = read(&[lines]).exported();
        assert_eq!((log.of("a").count(), log.of("b").count(), log.records().count()), (1, 1, 3));
    }

    #[test]
    fn a_line_of_ten_megabytes_is_cut_and_its_length_kept() {
        let log = read(&[&vec![b'x'; 10 << 20], b"\nfin"]);
        assert_eq!((log.lines[0].bytes, log.lines[0].text.len(), log.lines[0].cut), (10 << 20, LINE_BYTES, true));
        assert_eq!(log.lines[1].text, "fin");
    }

    #[test]
    fn an_endless_log_is_counted_and_not_kept() {
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        let log = read(&vec![line.as_slice(); 10_000]);
        assert!(log.dropped > 3000 && log.lines.len() + log.dropped == 10_000, "{}", log.dropped);
    }

    #[test]
    fn what_is_not_utf8_is_told_and_shown_without_control_characters() {
        let log = read(&[b"\xff\x1b[31mrojo"]);
        assert!(!log.lines[0].utf8);
        assert_eq!(log.lines[0].shown(), "\u{fffd}\\u{1b}[31mrojo");
    }
}
