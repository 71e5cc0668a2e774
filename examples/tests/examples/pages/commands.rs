//! The command lines of `standards-check` that pages show: each is a command that there is, with options that it has.

/// Each command line of a page, in a block or within backquotes, without what it starts by `--spawn`.
fn shown(page: &str) -> Vec<String> {
    let joined = page.replace("\\\n", " ");
    let (mut shown, mut in_block) = (Vec::new(), false);
    for line in joined.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            in_block = matches!(language, "sh" | "console" | "bash");
        } else if in_block {
            shown.extend(line.trim_start_matches("$ ").strip_prefix("standards-check ").map(str::to_owned));
        } else {
            let quoted = line.split('`').skip(1).step_by(2);
            shown.extend(quoted.filter_map(|span| span.strip_prefix("standards-check ")).map(str::to_owned));
        }
    }
    shown.iter().map(|line| line.split('\'').step_by(2).collect()).collect()
}

/// What the page of commands says of a command, and of those below it.
fn help<'a>(commands: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = commands.split_once(&format!("\n### standards-check {name}\n"))?;
    let mut sections = rest.match_indices("\n### standards-check ").map(|(at, heading)| (at, &rest[at + heading.len()..]));
    let end = sections.find(|(_, title)| !title.starts_with(&format!("{name} "))).map_or(rest.len(), |(at, _)| at);
    Some(&rest[..end])
}

/// What a page shows that is no command.
pub(super) fn unknown(page: &str, commands: &str) -> Vec<String> {
    let is_known = |line: &String| {
        let mut words = line.split_whitespace();
        let Some(help) = words.next().and_then(|name| help(commands, name)) else { return line.starts_with("--") };
        words.filter(|word| word.starts_with("--")).all(|option| help.contains(option.trim_end_matches(['.', ','])))
    };
    shown(page).into_iter().filter(|line| !is_known(line)).collect()
}
