-- `precio` is hundredths.
create table productos (
    id integer primary key,
    nombre text not null,
    precio integer not null check (precio > 0),
    existencias integer not null check (existencias >= 0)
) strict;
