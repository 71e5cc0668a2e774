//! The service beside pgbench and the FastAPI peer.

use crate::bench::Bench;
use crate::contender::Contender;
use crate::figures::Rounds;
use crate::outcome::{Outcome, say};
use crate::payment::Payers;
use crate::report::{Report, Target};

/// Payments of many clientes.
pub(crate) async fn spread(bench: &Bench, report: &mut Report) -> Outcome<()> {
    contest(bench, report, Payers::Spread, Target::at_least(1.5).aiming_at(2.0)).await
}

/// All payments on one balance.
pub(crate) async fn hot(bench: &Bench, report: &mut Report) -> Outcome<()> {
    contest(bench, report, Payers::Hot, Target::at_least(5.0).aiming_at(8.0)).await
}

/// `target` is what the service must reach beside pgbench.
async fn contest(bench: &Bench, report: &mut Report, payers: Payers, target: Target) -> Outcome<()> {
    let mut results: Vec<_> =
        Contender::all(bench, report).await?.into_iter().map(|contender| (contender, Rounds::default())).collect();
    for number in 1..=bench.options.rounds {
        for (contender, rounds) in &mut results {
            let round = contender.round(bench, report, payers).await?;
            say(format_args!("{}, round {number}: {}: {:.0}/s", payers.name(), contender.name(), round.per_second));
            rounds.add(round);
        }
    }
    compare(report, payers, target, &results);
    Ok(())
}

fn compare(report: &mut Report, payers: Payers, target: Target, results: &[(Contender, Rounds)]) {
    let of = |wanted: fn(&Contender) -> bool| {
        let found = results.iter().find(|(contender, _)| wanted(contender));
        found.map(|(_, rounds)| rounds.median().per_second)
    };
    let (name, service) = (payers.name(), of(|contender| matches!(contender, Contender::Service)));
    let pgbench = of(|contender| matches!(contender, Contender::Pgbench(_)));
    report.ratio(&format!("{name}: service / pgbench"), service, pgbench, target);
    let peer = of(|contender| matches!(contender, Contender::Peer(_)));
    report.ratio(&format!("{name}: service / FastAPI peer"), service, peer, Target::at_least(100.0));
    for (contender, rounds) in results {
        report.run(name, contender.name(), rounds);
    }
}
