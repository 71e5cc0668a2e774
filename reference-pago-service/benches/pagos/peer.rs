//! The guideline's own service: FastAPI under uvicorn.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::bench::Bench;
use crate::child::Guarded;
use crate::figures::Round;
use crate::load::Load;
use crate::outcome::{Outcome, say};
use crate::payment::{CLIENTES, OPENING, Payers};
use crate::report::Report;
use crate::server::BenchDatabase;
use crate::service::{free_address, wait_until_ready};
use crate::tally::Tally;

const INSTALL_LIMIT: Duration = Duration::from_secs(600);
const CONNECTIONS: u64 = 32;
const WORKERS: &str = "2";

/// The peer, ready to be started.
pub(crate) struct Peer {
    source: PathBuf,
    environment: PathBuf,
}

impl Peer {
    /// Installs what its `requirements.txt` asks for, into an environment that later runs find again.
    pub(crate) async fn install(bench: &Bench, source: &Path) -> Outcome<Self> {
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pagos-bench-peer");
        let (wanted, stamp) = (fs::read_to_string(source.join("requirements.txt"))?, environment.join("installed.txt"));
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            say(format_args!("installing the peer into {}", environment.display()));
            run(bench, Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment)).await?;
            let mut pip = Command::new(environment.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(source.join("requirements.txt"));
            run(bench, &mut pip).await?;
            fs::write(&stamp, &wanted)?;
        }
        Ok(Self { source: source.canonicalize()?, environment })
    }

    /// One round on a database of its own. That it keeps no money rule is noted and fails nothing.
    pub(crate) async fn round(&self, bench: &Bench, report: &mut Report, payers: Payers) -> Outcome<Round> {
        let database = bench.server.create("peer").await?;
        self.prepare(bench, &database).await?;
        let (tally, round) = self.load(bench, &database, payers).await?;
        report.note_unavailable("FastAPI peer", &tally);
        let invented = invented(&mut database.connect().await?).await?;
        if invented != "0.00" {
            let (name, paid) = (payers.name(), tally.acknowledged);
            report.note(format!("The FastAPI peer's books, {name}: {invented} out of nothing in {paid} payments."));
        }
        database.remove().await?;
        Ok(round)
    }

    async fn load(&self, bench: &Bench, database: &BenchDatabase, payers: Payers) -> Outcome<(Tally, Round)> {
        let address = free_address()?;
        let mut command = self.python(database);
        command.args(["-m", "uvicorn", "app:app", "--workers", WORKERS, "--no-access-log", "--log-level", "warning", "--port"]);
        command.arg(address.port().to_string()).stdout(File::create(bench.file("peer.out"))?);
        let mut child = Guarded::spawn(&mut command, bench.file("peer.err"))?;
        wait_until_ready(&mut child, address, "/api/v1/pagos?limit=1").await?;
        let requests = payers.requests();
        Load { address, requests, connections: CONNECTIONS, duration: bench.options.round() }.run().await
    }

    /// Its own tables, made by itself, with clientes.
    async fn prepare(&self, bench: &Bench, database: &BenchDatabase) -> Outcome<()> {
        run(bench, self.python(database).args(["-c", "import app"]).env("CREATE_TABLES", "1")).await?;
        let mut connection = database.connect().await?;
        let clientes = format!(
            "insert into clientes (nombre, email, saldo)
             select 'Cliente ' || id, 'cliente' || id || '@example.com', {OPENING} from generate_series(1, {CLIENTES}) as id"
        );
        sqlx::query(AssertSqlSafe(clientes)).execute(&mut connection).await?;
        sqlx::query("vacuum (analyze) clientes, pagos").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    fn python(&self, database: &BenchDatabase) -> Command {
        let mut command = Command::new(self.environment.join("bin/python"));
        let url = database.url.split_once("://").map_or(database.url.as_str(), |(_, rest)| rest);
        command.current_dir(&self.source).env("DATABASE_URL", format!("postgresql+psycopg2://{url}"));
        command.env("LOG_FILE", "/dev/null").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// What the balances hold beyond what they opened with and did not pay.
async fn invented(connection: &mut PgConnection) -> Outcome<String> {
    let text = format!(
        "select (coalesce(sum(saldo), 0) + (select coalesce(sum(monto), 0) from pagos) - {CLIENTES} * {OPENING})::text from clientes"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(connection).await?)
}

/// Runs a step of the preparation to its end.
async fn run(bench: &Bench, command: &mut Command) -> Outcome<()> {
    Guarded::spawn(command.stdout(Stdio::null()), bench.file("peer.err"))?.finish(INSTALL_LIMIT).await
}
