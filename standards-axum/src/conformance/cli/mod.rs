//! The command `standards-check`.

mod har;
mod init;
mod known;
mod logs;
mod new;
mod output;
mod run;
mod select;
mod upgrade;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use standards_core::Language;
use standards_core::rules::{Bilingual, RuleLevel, catalogue};
use time::OffsetDateTime;

use self::output::{complain, say};
use super::files::read_text;
use super::report::{Earlier, badge, explained, matrix, matrix_page, rules_as_json, rules_page};
use super::text::both;
use super::verdict::FailOn;
use super::waivers::Waivers;

/// What a command came to: its exit status.
type Ended = Result<u8, Bilingual>;

/// Prove that a service, in any language, keeps the technical guideline.
#[derive(Debug, Parser)]
#[command(
    name = "standards-check",
    version,
    after_help = "Exit status: 0 conformant or only waived, 1 a rule at or above --fail-on is broken, 2 usage, profile, waivers, no target, nothing tested."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The language of texts.
    #[arg(long, global = true, value_enum, default_value_t = Tongue::Es)]
    lang: Tongue,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Tongue {
    Es,
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new service: API, catalogue, settings, tests, CI, image, profile.
    New(new::New),
    /// Bring a service that `new` made up to date, by three-way merge; status 1 with conflicts.
    Upgrade(upgrade::Upgrade),
    /// Judge a running service, or one that is started for it.
    Run(run::Run),
    /// Print a first profile, made from the service's OpenAPI document.
    Init(init::Init),
    /// Judge a recorded session of a browser or a proxy (HAR), without touching the service.
    Har(har::Har),
    /// Judge a log alone: a file, or standard input.
    Logs(logs::Logs),
    /// Stand between clients and a service, and judge what really passes; ends by a signal or after --for, with the report.
    Watch(watch::Watch),
    /// Print every rule.
    Rules {
        /// How.
        #[arg(long, value_enum, default_value_t = Format::Md)]
        format: Format,
    },
    /// Print one rule whole: the guideline's words, why, how it is mended.
    Explain {
        /// Its id, LOG-12 say.
        rule: String,
    },
    /// Print several JSON reports side by side.
    Compare {
        /// As a Markdown table, or as a page that opens from disk.
        #[arg(long, value_enum, default_value_t = Form::Md)]
        format: Form,
        /// JSON reports.
        #[arg(required = true, num_args = 2..)]
        reports: Vec<String>,
    },
    /// Print a badge of a JSON report (SVG).
    Badge {
        /// The report.
        report: String,
    },
    /// Look at a file of waivers.
    #[command(subcommand)]
    Waivers(WaiversCommand),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Md,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Md,
    Html,
}

#[derive(Debug, Subcommand)]
enum WaiversCommand {
    /// Status 2 with every problem, where one is not valid or its day is over.
    Lint {
        /// The file.
        file: String,
    },
}

/// What judging takes, whatever is judged.
#[derive(Debug, Args)]
struct Judging {
    /// Judge these alone: ids or families, comma separated.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    only: Vec<String>,
    /// Leave these out: ids or families, comma separated.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    skip: Vec<String>,
    /// The lowest level whose broken rules give status 1.
    #[arg(long, value_enum, default_value_t = Fail::Must)]
    fail_on: Fail,
    /// A MUST rule that was not tested gives status 1 too.
    #[arg(long)]
    require_all: bool,
    /// Rules that somebody answers for (TOML).
    #[arg(long, value_name = "FILE")]
    waivers: Option<String>,
    /// Broken rules that are known (JSON); written where there is none yet, and made shorter when a rule is mended.
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
    /// What others saw of the rules that are not seen from outside: lcov=FILE, cobertura=FILE, junit=FILE, tests=FILE, clippy=FILE, sources=DIR,
    /// variables=FILE with env-example=FILE, review=FILE. Repeatable.
    #[arg(long, value_name = "KIND=FILE")]
    evidence: Vec<String>,
    /// Write a report: json=FILE, junit=FILE, md=FILE, html=FILE. Repeatable.
    #[arg(long, value_name = "KIND=FILE")]
    report: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Fail {
    Must,
    Should,
    Ext,
    Never,
}

impl From<Fail> for FailOn {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Must => Self::Level(RuleLevel::Must),
            Fail::Should => Self::Level(RuleLevel::Should),
            Fail::Ext => Self::Level(RuleLevel::Ext),
            Fail::Never => Self::Never,
        }
    }
}

/// Runs a command line; what the process is to end with.
pub(super) async fn command_line(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let language = match cli.lang {
        Tongue::Es => Language::Es,
        Tongue::En => Language::En,
    };
    match obey(cli.command, language).await {
        Ok(status) => ExitCode::from(status),
        Err(problem) => {
            complain(problem.of(language));
            ExitCode::from(2)
        }
    }
}

async fn obey(command: Command, language: Language) -> Ended {
    match command {
        Command::New(new) => new.run(language),
        Command::Upgrade(upgrade) => upgrade.run(language),
        Command::Run(run) => run.run(language).await,
        Command::Init(init) => init.run(language).await,
        Command::Har(har) => har.run(language),
        Command::Logs(logs) => logs.run(language),
        Command::Watch(watch) => watch.run(language).await,
        Command::Rules { format: Format::Md } => say(&rules_page(language)),
        Command::Rules { format: Format::Json } => say(&rules_as_json()),
        Command::Explain { rule } => explain(&rule, language),
        Command::Compare { format, reports } => compare(format, &reports, language),
        Command::Badge { report } => say(&badge(&Earlier::read(&report)?)),
        Command::Waivers(WaiversCommand::Lint { file }) => lint(&file, language),
    }
}

fn compare(format: Form, reports: &[String], language: Language) -> Ended {
    let runs = reports.iter().map(|file| Earlier::read(file)).collect::<Result<Vec<_>, _>>()?;
    match format {
        Form::Md => say(&matrix(&runs, language)),
        Form::Html => say(&matrix_page(&runs, language)),
    }
}

fn explain(id: &str, language: Language) -> Ended {
    let rule = catalogue().rule(&id.to_ascii_uppercase()).ok_or_else(|| select::unknown(id))?;
    say(&explained(rule, language))
}

fn lint(file: &str, language: Language) -> Ended {
    let waivers = read_waivers(file)?;
    let expired = waivers.expired(OffsetDateTime::now_utc().date());
    if !expired.is_empty() {
        return Err(joined(&expired));
    }
    let count = waivers.count();
    say(both(format!("{count} excepciones vigentes\n"), format!("{count} waivers in force\n")).of(language))
}

fn read_waivers(file: &str) -> Result<Waivers, Bilingual> {
    let text = read_text(file, super::waivers::WAIVERS_BYTES)?;
    Waivers::parse(&text).map_err(|problems| joined(&problems))
}

fn joined(problems: &[Bilingual]) -> Bilingual {
    let all = |language| problems.iter().map(|problem| problem.of(language)).collect::<Vec<_>>().join("\n");
    both(all(Language::Es), all(Language::En))
}
