//! The database's own load tool.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::bench::Bench;
use crate::child::Guarded;
use crate::figures::Round;
use crate::ledger::{self, Books};
use crate::outcome::Outcome;
use crate::payment::{Payers, STATEMENT};
use crate::server::BenchDatabase;
use crate::tally::{Tally, WARM_UP};

const CLIENTS: &str = "32";
const THREADS: &str = "2";
/// Every tenth latency: enough for percentiles, too few to slow the tool down.
const SAMPLED: &str = "0.1";
const MARGIN: Duration = Duration::from_secs(30);

/// What is run.
#[derive(Clone, Copy)]
struct Call<'a> {
    program: &'a Path,
    database: &'a BenchDatabase,
    payers: Payers,
}

/// The program, from `PATH` or where Debian keeps it; the newest.
pub(crate) fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut packaged: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    packaged.sort();
    let directories = env::split_paths(&path).chain(packaged.into_iter().rev());
    directories.map(|directory| directory.join("pgbench")).find(|program| program.is_file())
}

/// One round on a database of its own.
pub(crate) async fn round(bench: &Bench, program: &Path, payers: Payers) -> Outcome<Round> {
    let database = bench.server.create("pgbench").await?;
    ledger::prepare(&database).await?;
    let call = Call { program, database: &database, payers };
    let (warm, _) = run(bench, call, WARM_UP).await?;
    let (paid, round) = run(bench, call, bench.options.round()).await?;
    Books::read(&mut database.connect().await?).await?.verify(0, &Tally::of(warm + paid))?;
    database.remove().await?;
    Ok(round)
}

/// Payments made, and how fast.
async fn run(bench: &Bench, call: Call<'_>, duration: Duration) -> Outcome<(u64, Round)> {
    let (script, output) = (bench.file("payment.sql"), bench.file("pgbench.out"));
    std::fs::write(
        &script,
        format!("\\set cliente random(1, {})\n{};\n", call.payers.count(), STATEMENT.replace("$1", ":cliente")),
    )?;
    let samples = tempfile::tempdir_in(&bench.directory)?;
    let mut command = Command::new(call.program);
    command.args(["--no-vacuum", "--protocol=prepared", "--client", CLIENTS, "--jobs", THREADS]);
    command.args(["--log", "--sampling-rate", SAMPLED, "--log-prefix"]).arg(samples.path().join("log"));
    command.arg("--time").arg(duration.as_secs().to_string()).arg("--file").arg(&script);
    command.arg(&call.database.url).stdout(File::create(&output)?);
    Guarded::spawn(&mut command, bench.file("pgbench.err"))?.finish(duration + MARGIN).await?;
    let printed = std::fs::read_to_string(&output)?;
    let sampled = Round::of_latencies(latencies_us(samples.path())?, 1.0);
    let round = Round { per_second: number(&printed, "tps = ")?.parse()?, ..sampled };
    Ok((number(&printed, "number of transactions actually processed: ")?.parse()?, round))
}

/// The number after `label`, up to the next blank or slash.
fn number<'a>(printed: &'a str, label: &str) -> Outcome<&'a str> {
    let rest = printed.lines().find_map(|line| line.strip_prefix(label));
    let number = rest.and_then(|rest| rest.split([' ', '/']).next());
    Ok(number.ok_or_else(|| format!("pgbench does not say `{label}`: {printed}"))?)
}

/// The third column of each line of its logs.
fn latencies_us(directory: &Path) -> Outcome<Vec<u32>> {
    let mut latencies_us = Vec::new();
    for file in std::fs::read_dir(directory)? {
        let log = std::fs::read_to_string(file?.path())?;
        latencies_us.extend(log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u32>().ok()));
    }
    Ok(latencies_us)
}
