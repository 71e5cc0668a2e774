-- `stock` and `cantidad` are thousandths, `created_at` microseconds since 1970.

create table productos (
    id integer primary key,
    sku text not null unique,
    nombre text not null,
    categoria text not null check (categoria in ('ALIMENTO', 'HERRAMIENTA', 'OTRO')),
    etiquetas text not null,
    proveedor text not null,
    descripcion text,
    vence text,
    minimo integer not null,
    stock integer not null default 0 check (stock >= 0),
    created_at integer not null
) strict;

create table movimientos (
    id integer primary key,
    producto_id integer not null references productos (id),
    tipo text not null check (tipo in ('ENTRADA', 'SALIDA')),
    cantidad integer not null check (cantidad > 0),
    fecha text not null,
    motivo text,
    stock integer not null
) strict;
