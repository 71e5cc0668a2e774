-- What became of the requests that carried an Idempotency-Key, written in the transaction of
-- their effect and kept for IDEMPOTENCY_TTL_HOURS.
--
-- `huella` holds the parsed values of the request themselves: exact, and short enough to need no
-- hash. `resultado` holds the outcome's values; the answer is rendered from them again.

create table idempotencia (
    sujeto text not null,
    operacion text not null,
    clave text not null,
    huella text not null,
    idioma text not null check (idioma in ('es', 'en')),
    resultado text not null,
    created_at integer not null,
    primary key (sujeto, operacion, clave)
) strict;

create index idempotencia_created_at_idx on idempotencia (created_at);
