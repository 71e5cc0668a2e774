//! On a server that has not what the shorter ways need, the longer ones lead to the same.

use std::time::Duration;

use standards_axum::testing::TestAnswer;
use tokio::task::JoinSet;

use crate::support::http::{Api, PAGOS};
use crate::support::on_postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pagos_are_decided_without_skip_locked() {
    on_postgres(async |fixture| {
        let fixture = fixture.migrated().await;
        let longer = fixture.without_shorter_ways().await;
        let api = Api::over(&longer).await;
        let ids = [api.register("ana@x.cl", "5.00").await, api.register("eva@x.cl", "1000.00").await];
        let mut requests = JoinSet::new();
        for number in 0..60_usize {
            let (api, body) = (api.clone(), format!(r#"{{"cliente_id":{},"monto":"1.00"}}"#, ids[number % 2]));
            requests.spawn(async move { api.post_once(PAGOS, &format!("k{number}"), body).await });
        }
        let mut statuses: Vec<_> = requests.join_all().await.iter().map(TestAnswer::status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [[200; 35].as_slice(), &[400; 25]].concat(), "five that the balance bears, thirty of the other");
        assert_eq!(api.pay(ids[1], "2.00").await.status(), 200);
        fixture.assert_money_rule().await;
        assert_eq!(longer.repositories.outcomes.reap(Duration::ZERO, 100).await.unwrap(), 60);
        longer.database.close().await;
    })
    .await;
}
