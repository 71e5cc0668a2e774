//! Payments that a synchronous standby must have before they are acknowledged, beside those of which it need not, by turns on the same two
//! servers.

use crate::bench::Bench;
use crate::cluster::{Pair, Replication};
use crate::contender::CONNECTIONS;
use crate::figures::Rounds;
use crate::outcome::{Outcome, say};
use crate::payment::Payers;
use crate::report::{Report, Target};
use crate::server::ServerAddress;
use crate::service;

/// Two servers of the bench's own, on this machine: what the standby costs without a network between them.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let Some(pair) = Pair::make(Replication::Asynchronous).await else {
        report.note("There is no initdb, so no standby was measured.".to_owned());
        return Ok(());
    };
    let server = ServerAddress::at(format!("postgres://postgres@127.0.0.1:{}/postgres", pair.port()));
    report.note(format!("The pair with the standby: {}.", server.describe().await?));
    let (mut with, mut without) = (Rounds::default(), Rounds::default());
    for number in 1..=bench.options.rounds {
        for (replication, rounds) in [(Replication::Asynchronous, &mut without), (Replication::Synchronous, &mut with)] {
            pair.acknowledge(replication).await;
            rounds.add(service::round_on(&server, bench, report, Payers::Spread.requests(), CONNECTIONS).await?);
        }
        let (with, without) = (with.median().per_second, without.median().per_second);
        say(format_args!("standby, after round {number}: synchronous {with:.0}/s, asynchronous {without:.0}/s"));
    }
    tell(report, &with, &without);
    Ok(())
}

fn tell(report: &mut Report, with: &Rounds, without: &Rounds) {
    let of = |rounds: &Rounds| Some(rounds.median().per_second);
    report.ratio("standby: synchronous / asynchronous", of(with), of(without), Target::at_least(0.5));
    report.run("a standby, 200 clientes pay", "service, synchronous", with);
    report.run("a standby, 200 clientes pay", "service, asynchronous", without);
}
