//! What the header of an example promises: commands with what they print, and records.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::Process;

/// What the header of an example promises.
pub(crate) struct Header {
    /// Commands with what they print.
    commands: Vec<(String, String)>,
    /// Records of which each must be in the log, all that it tells.
    records: Vec<Value>,
}

impl Header {
    /// That of a file in this folder.
    pub(crate) fn read(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
        let (mut header, mut within) = (Self { commands: Vec::new(), records: Vec::new() }, "");
        for line in lines {
            match (line.strip_prefix("```"), within) {
                (Some(language), _) => within = language,
                (None, "console") => header.console(line),
                (None, "json") => header.records.push(serde_json::from_str(line).unwrap()),
                _ => {}
            }
        }
        header
    }

    fn console(&mut self, line: &str) {
        match (line.strip_prefix("$ "), self.commands.last_mut()) {
            (Some(command), _) => self.commands.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => *printed += &format!("{line}\n"),
            (None, None) => panic!("{line}: printed by no command"),
        }
    }

    /// Whether it shows what comes of it.
    pub(crate) fn shows_output(&self) -> bool {
        self.commands.iter().any(|(_, printed)| !printed.is_empty()) || !self.records.is_empty()
    }

    /// Runs each command against the service at this address.
    #[track_caller]
    pub(crate) fn assert_commands(&self, address: &str, token: &str) {
        assert!(!self.commands.is_empty());
        for (command, expected) in &self.commands {
            let located = command.replace("127.0.0.1:8000", address).replace("127.0.0.1:8001", address);
            let output = Command::new("sh").args(["-c", &located]).env("TOKEN", token).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), expected.trim_end(), "{command}");
        }
    }

    #[track_caller]
    pub(crate) fn assert_records(&self, log: &[Value]) {
        assert!(!self.records.is_empty());
        for record in &self.records {
            assert!(log.iter().any(|found| holds(found, record)), "{record} is not in {log:#?}");
        }
    }
}

/// Whether everything of `part` is in `whole`.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part)))
        }
        _ => whole == part,
    }
}

/// The service of an example does as its header says, and stops when it is told to.
#[track_caller]
pub(crate) fn assert_serves(file: &str, (binary, arguments): (&str, &[&str]), variables: &[(&str, &str)], token: &str) {
    let header = Header::read(file);
    let service = Process::start_with(binary, arguments, variables);
    header.assert_commands(&service.address, token);
    let (_, log, errors) = service.stop();
    assert_eq!(errors, "");
    header.assert_records(&log);
}
