//! The tables of the guideline's models as SQLAlchemy 2.1 and Alembic 1.20 emit them, with rows.

use reference_pago_service::database::Database;
use sqlx::{AssertSqlSafe, Executor as _};

const POSTGRES: &str = "
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version (version_num) VALUES ('a1b2c3d4e5f6');
CREATE TABLE clientes (
	id SERIAL NOT NULL, 
	nombre VARCHAR(100) NOT NULL, 
	email VARCHAR(100) NOT NULL, 
	saldo NUMERIC(10, 2) NOT NULL, 
	created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now(), 
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_clientes_email ON clientes (email);
CREATE INDEX ix_clientes_id ON clientes (id);
CREATE TABLE pagos (
	id SERIAL NOT NULL, 
	cliente_id INTEGER NOT NULL, 
	monto NUMERIC(10, 2) NOT NULL, 
	moneda VARCHAR(3) NOT NULL, 
	estado VARCHAR(20) NOT NULL, 
	created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now(), 
	updated_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now(), 
	PRIMARY KEY (id), 
	FOREIGN KEY(cliente_id) REFERENCES clientes (id)
);
CREATE INDEX ix_pagos_id ON pagos (id);";

const SQLITE: &str = "
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version (version_num) VALUES ('a1b2c3d4e5f6');
CREATE TABLE clientes (
	id INTEGER NOT NULL, 
	nombre VARCHAR(100) NOT NULL, 
	email VARCHAR(100) NOT NULL, 
	saldo NUMERIC(10, 2) NOT NULL, 
	created_at DATETIME DEFAULT CURRENT_TIMESTAMP, 
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_clientes_email ON clientes (email);
CREATE INDEX ix_clientes_id ON clientes (id);
CREATE TABLE pagos (
	id INTEGER NOT NULL, 
	cliente_id INTEGER NOT NULL, 
	monto NUMERIC(10, 2) NOT NULL, 
	moneda VARCHAR(3) NOT NULL, 
	estado VARCHAR(20) NOT NULL, 
	created_at DATETIME DEFAULT CURRENT_TIMESTAMP, 
	updated_at DATETIME DEFAULT CURRENT_TIMESTAMP, 
	PRIMARY KEY (id), 
	FOREIGN KEY(cliente_id) REFERENCES clientes (id)
);
CREATE INDEX ix_pagos_id ON pagos (id);";

const ROWS: &str = "
insert into clientes (id, nombre, email, saldo, created_at) values
    (1, 'Ana', 'Ana@X.cl', 100.10, '2024-01-02 03:04:05.678901'),
    (2, 'José', 'JOSÉ@x.cl', 0, '2024-02-29 00:00:00'),
    (3, 'Sam', 'sam@x.cl', 99999999.99, '2024-03-01 12:00:00.5'),
    (7, 'Nadie', 'nadie@x.cl', 0.29, null);
insert into pagos (id, cliente_id, monto, moneda, estado, created_at, updated_at) values
    (1, 1, 0.07, 'CLP', 'PROCESADO', '2024-01-03 00:00:00', '2024-01-03 00:00:01'),
    (2, 1, 5, 'CLP', 'PENDIENTE', '2024-01-03 00:00:02', null),
    (3, 3, 20.50, 'USD', 'PROCESADO', '2024-03-02 00:00:00', '2024-03-02 00:00:00'),
    (4, 3, 1.00, 'USD', 'ANULADO', '2024-03-03 00:00:00', '2024-03-03 00:00:00'),
    (9, 7, 3.33, 'CLP', 'PROCESADO', null, '2024-04-01 00:00:00')";

/// The ids that the sequences gave to rows that were deleted since.
const SEQUENCES: &str = "select setval('clientes_id_seq', 9), setval('pagos_id_seq', 9)";

/// Make the guideline's database.
pub(super) async fn make(database: &Database) {
    match database {
        Database::Sqlite(_) => execute(database, SQLITE).await,
        Database::Postgres(_) => execute(database, POSTGRES).await,
    }
    execute(database, ROWS).await;
    if let Database::Postgres(_) = database {
        execute(database, SEQUENCES).await;
    }
}

pub(super) async fn execute(database: &Database, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    match database {
        Database::Sqlite(sqlite) => sqlite.writer().execute(statements).await.map(drop).unwrap(),
        Database::Postgres(postgres) => postgres.connect().await.unwrap().execute(statements).await.map(drop).unwrap(),
    }
}

/// Every row of the guideline's tables, and the names of all that the schema holds.
pub(super) async fn content(database: &Database) -> Vec<String> {
    let rows = "
        select concat_ws(' ', id, nombre, email, saldo, created_at) from clientes
        union all
        select concat_ws(' ', id, cliente_id, monto, moneda, estado, created_at, updated_at) from pagos
        union all ";
    lines(database, &format!("{rows} select name from sqlite_schema"), &format!("{rows} select relname::text from pg_class"))
        .await
}

/// The lines that a query returns, in order.
pub(super) async fn lines(database: &Database, sqlite: &str, postgres: &str) -> Vec<String> {
    let query = |text: &str| AssertSqlSafe(text.to_owned());
    let lines = match database {
        Database::Sqlite(database) => sqlx::query_scalar(query(sqlite)).fetch_all(database.readers()).await,
        Database::Postgres(database) => {
            sqlx::query_scalar(query(postgres)).fetch_all(&mut database.connect().await.unwrap()).await
        }
    };
    let mut lines: Vec<String> = lines.unwrap();
    lines.sort();
    lines
}
