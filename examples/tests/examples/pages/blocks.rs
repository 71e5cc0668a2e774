//! The blocks of pages that no compiler reads: shell is shell and calls what there is, TOML and JSON are what they are said to be.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is typed: all of it, or what stands behind a prompt.
fn typed(language: &str, block: &str) -> Option<String> {
    match language {
        "sh" | "bash" => Some(block.to_owned()),
        "console" => Some(block.lines().filter_map(|line| line.strip_prefix("$ ")).map(|line| format!("{line}\n")).collect()),
        _ => None,
    }
}

/// Whether a shell can read it; nothing is run.
fn is_shell(text: &str) -> bool {
    let mut shell = Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    shell.wait().unwrap().success()
}

/// What a line starts of this repository that is not there: a script, or a command of the payment service.
fn absent(root: &Path, commands: &str, line: &str) -> Vec<String> {
    let words: Vec<_> = line.split(|c: char| c.is_whitespace() || "()|;&'\"$".contains(c)).collect();
    let is_script = |word: &&&str| word.starts_with("scripts/") || word.starts_with(".ci/");
    let scripts = words.iter().filter(is_script).filter(|word| !root.join(word).exists());
    let is_command = |pair: &&[&str]| pair[0].ends_with("reference-pago-service") && pair[1].starts_with(char::is_lowercase);
    let asked = words.windows(2).filter(is_command).map(|pair| &pair[1]);
    let unknown = asked.filter(|command| !commands.contains(&format!("\n  {command} ")));
    scripts.chain(unknown).map(|word| (*word).to_owned()).collect()
}

/// What is wrong with a block.
pub(super) fn problem(root: &Path, language: &str, block: &str) -> Option<String> {
    if let Some(text) = typed(language, block) {
        let commands = fs::read_to_string(root.join("docs/cli.md")).unwrap();
        let absent: Vec<_> = text.lines().flat_map(|line| absent(root, &commands, line)).collect();
        return (!is_shell(&text) || !absent.is_empty()).then(|| format!("no shell, or not there: {absent:?}"));
    }
    let wrong = |line: &&str| !line.contains('…') && serde_json::from_str::<serde_json::Value>(line).is_err();
    match language {
        "json" => block.lines().find(wrong).map(str::to_owned),
        // A line that is put into a list is none by itself.
        "toml" if !block.ends_with(",\n") => block.parse::<toml::Table>().err().map(|error| error.to_string()),
        _ => None,
    }
}
