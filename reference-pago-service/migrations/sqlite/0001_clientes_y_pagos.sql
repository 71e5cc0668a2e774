-- The guideline's tables, with a currency per cliente and the recargas that make every balance
-- explainable: saldo = sum(recargas) - sum(pagos in state PROCESADO).
--
-- SQLite has no decimal type: `NUMERIC(10,2)` would keep floats. Amounts are whole hundredths,
-- instants whole microseconds since 1970, and `strict` keeps anything else out.
-- `autoincrement` never gives the id of a deleted row again.

create table clientes (
    id integer primary key autoincrement,
    nombre text not null,
    email text not null,
    -- NFC and lower case, written by the service: SQLite's `lower` knows only ASCII.
    email_normalizado text not null unique,
    saldo integer not null default 0 check (saldo between 0 and 9999999999),
    moneda text not null default 'CLP' check (length(moneda) = 3 and moneda not glob '*[^A-Z]*'),
    created_at integer not null
) strict;

create table pagos (
    id integer primary key autoincrement,
    cliente_id integer not null references clientes (id),
    monto integer not null check (monto between 1 and 9999999999),
    moneda text not null default 'CLP' check (length(moneda) = 3 and moneda not glob '*[^A-Z]*'),
    estado text not null default 'PENDIENTE'
        check (estado in ('PENDIENTE', 'PROCESADO', 'ANULADO')),
    created_at integer not null,
    updated_at integer not null
) strict;

create index pagos_cliente_id_id_idx on pagos (cliente_id, id);
create index pagos_estado_id_idx on pagos (estado, id);

-- Wider than a balance: the opening recarga of an adopted cliente is its balance plus all its
-- earlier pagos.
create table recargas (
    id integer primary key autoincrement,
    cliente_id integer not null references clientes (id) on delete cascade,
    monto integer not null check (monto between 1 and 99999999999999),
    created_at integer not null
) strict;

create index recargas_cliente_id_id_idx on recargas (cliente_id, id);
