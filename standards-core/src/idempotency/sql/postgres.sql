-- What became of the requests that carried an Idempotency-Key, written in the transaction of their effect.
--
-- `huella` is the SHA-256 of what was asked for, `resultado` the outcome as JSON.
-- Bytes are compared, not letters: the order of the keys is the same on every server.

-- Two that make the same table at once would get in each other's way.
select pg_advisory_xact_lock(7594869303401473377);

create table if not exists idempotencia (
    sujeto text collate "C" not null,
    operacion text collate "C" not null,
    clave text collate "C" not null,
    huella text collate "C" not null,
    idioma text collate "C" not null check (idioma in ('es', 'en')),
    resultado text not null,
    created_at timestamptz not null default now(),
    constraint idempotencia_pkey primary key (sujeto, operacion, clave)
);

create index if not exists idempotencia_created_at_idx on idempotencia (created_at);
