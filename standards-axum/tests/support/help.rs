//! A page of the commands of a program, as their help tells them.

use std::fmt::Write as _;

/// `beginning`, and below it the help of each command that `ask` answers with when it is given its name and `--help`.
pub(crate) fn page(beginning: &str, program: &str, ask: &dyn Fn(&[&str]) -> String) -> String {
    let mut page = beginning.to_owned();
    for (command, text) in helps(&[], ask) {
        let title = if command.is_empty() { program.to_owned() } else { format!("{program} {command}") };
        let mark = if command.is_empty() { "##" } else { "###" };
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let _ = write!(page, "\n{mark} {title}\n\n```text\n{}\n```\n", lines.join("\n").trim());
    }
    page
}

/// A command's help, and that of those below it.
fn helps(command: &[&str], ask: &dyn Fn(&[&str]) -> String) -> Vec<(String, String)> {
    let text = ask(&[command, &["--help"]].concat());
    let mut helps = vec![(command.join(" "), text.clone())];
    for name in below(&text) {
        helps.extend(self::helps(&[command, &[name]].concat(), ask));
    }
    helps
}

/// The commands that a help lists: those that are indented by two, and no more.
fn below(help: &str) -> impl Iterator<Item = &str> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default().lines().take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help")
}
