-- What became of the requests that carried an Idempotency-Key, written in the transaction of their effect.
--
-- `huella` is the SHA-256 of what was asked for, `resultado` the outcome as JSON, `created_at` microseconds since 1970.

create table if not exists idempotencia (
    sujeto text not null,
    operacion text not null,
    clave text not null,
    huella text not null,
    idioma text not null check (idioma in ('es', 'en')),
    resultado text not null,
    created_at integer not null,
    primary key (sujeto, operacion, clave)
) strict;

create index if not exists idempotencia_created_at_idx on idempotencia (created_at);
