//! Processes and connections that end in the midst of an effect.

use standards_core::context::WithContext as _;
use tokio::sync::oneshot;

use crate::bank::{Bank, Branch, attempt, deposit_in_the_end, fresh, on_both, on_postgres};

on_both!(a_process_that_ends_burns_no_key);

async fn a_process_that_ends_burns_no_key<DB: Bank>(branch: Branch<DB>) {
    let url = branch.url.clone();
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(begin_without_end::<DB>(&url));
        // Its tasks, sockets and files are gone with it.
        drop(runtime);
    });
    process.join().unwrap();
    // PostgreSQL notices when it notices.
    assert_eq!((fresh(deposit_in_the_end(&branch, "k").await), branch.count().await), (1, 1));
}

async fn begin_without_end<DB: Bank>(url: &str) {
    let (wrote, has_written) = oneshot::channel();
    let branch = Branch::<DB>::open(url).await;
    let endless = attempt(&branch, "k", async move |mut tx| {
        DB::deposit(&mut tx).await?;
        let _ = wrote.send(());
        std::future::pending().await
    });
    tokio::select! {
        _ = endless.with_context() => panic!("it has no end"),
        written = has_written => written.unwrap(),
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_commit_burns_no_key() {
    on_postgres(async |branch| {
        let cut_off = attempt(&branch, "k", async |mut tx| {
            let number = sqlx::Postgres::deposit(&mut tx).await?;
            let _ = sqlx::Postgres::run(&mut tx, "select pg_terminate_backend(pg_backend_pid())").await;
            Ok(number)
        });
        let failure = cut_off.await.unwrap_err();
        assert_eq!(failure.status().as_u16(), 503, "{failure:?}");
        assert_eq!((fresh(deposit_in_the_end(&branch, "k").await), branch.count().await), (1, 1));
    })
    .await;
}
