//! Clientes and recargas.

use reference_pago_service::models::{ClienteId, Moneda, Monto, NewCliente};
use reference_pago_service::repositories::{Actualizacion, ClienteFilter, Creacion, Eliminacion, Recarga};

use crate::support::{Fixture, email, monto, nombre, nuevo_cliente, on_both_engines, pagina};

on_both_engines!(
    a_registered_cliente_is_found_as_it_was_given,
    texts_are_kept_verbatim,
    an_opening_balance_is_the_first_recarga,
    an_unknown_id_is_no_cliente,
    addresses_that_differ_by_case_or_composition_are_the_same,
    clientes_are_listed_by_id_page_by_page,
    a_cliente_is_found_by_its_address,
    a_cliente_takes_another_name_and_address,
    a_cliente_cannot_take_the_address_of_another,
    a_cliente_without_pagos_is_deleted_with_its_recargas,
    a_cliente_with_pagos_stays,
    an_id_is_never_given_twice,
    a_recarga_is_credited,
    a_recarga_beyond_the_largest_balance_changes_nothing,
);

fn id(value: i64) -> ClienteId {
    ClienteId::new(value).unwrap()
}

async fn a_registered_cliente_is_found_as_it_was_given(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    let nuevo =
        NewCliente {
            nombre: nombre("Ñandú 🙂"), email: email("Ana@X.cl"), saldo: Monto::MAX, moneda: "USD".parse().unwrap()
        };
    let Creacion::Creado(cliente) = clientes.crear(nuevo.clone()).await.unwrap() else { panic!("duplicate") };
    assert_eq!((&cliente.nombre, &cliente.email), (&nuevo.nombre, &nuevo.email));
    assert_eq!((cliente.saldo, cliente.moneda), (nuevo.saldo, nuevo.moneda));
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

const ODD_TEXTS: [&str; 5] = ["'; DROP TABLE pagos;--", "{{7*7}}", "<script>", " a ", "%_\\"];

async fn texts_are_kept_verbatim(fixture: Fixture) {
    for (index, text) in ODD_TEXTS.into_iter().enumerate() {
        let nuevo = NewCliente { nombre: nombre(text), ..nuevo_cliente(&format!("o'h{index}@x.cl"), "0") };
        let Creacion::Creado(cliente) = fixture.crear(nuevo).await else { panic!("duplicate") };
        let kept = fixture.cliente(cliente.id).await.unwrap();
        assert_eq!(kept.nombre.as_str(), text);
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
}

async fn an_opening_balance_is_the_first_recarga(fixture: Fixture) {
    fixture.creado("sin@x.cl", "0.00").await;
    fixture.creado("con@x.cl", "0.01").await;
    assert_eq!(fixture.count("select count(*) from recargas").await, 1);
    fixture.assert_money_rule().await;
}

async fn an_unknown_id_is_no_cliente(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    for unknown in [1, 2_147_483_647, 2_147_483_648, i64::MAX].map(id) {
        assert_eq!(fixture.cliente(unknown).await, None);
        assert_eq!(fixture.eliminar(unknown).await, Eliminacion::NoEncontrado);
        assert_eq!(fixture.recargar(unknown, "1").await, Recarga::NoEncontrado);
        let actualizacion = clientes.actualizar(unknown, nombre("Ana"), email("a@x.cl")).await.unwrap();
        assert_eq!(actualizacion, Actualizacion::NoEncontrado);
    }
}

const SAME_ADDRESSES: [(&str, &str); 4] = [
    ("Ana@X.cl", "ana@x.CL"),
    ("jos\u{e9}@x.cl", "JOSE\u{301}@x.cl"),
    ("\u{130}a@x.cl", "I\u{307}A@x.cl"),
    ("stra\u{df}e@x.cl", "STRA\u{1e9e}E@x.cl"),
];

async fn addresses_that_differ_by_case_or_composition_are_the_same(fixture: Fixture) {
    for (first, second) in SAME_ADDRESSES {
        fixture.creado(first, "0").await;
        let again = fixture.crear(nuevo_cliente(second, "5.00")).await;
        assert_eq!(again, Creacion::EmailDuplicado, "{second}");
    }
    fixture.creado("\u{fb01}n@x.cl", "0").await;
    fixture.creado("fin@x.cl", "0").await;
    assert_eq!(fixture.count("select count(*) from recargas").await, 0);
}

/// The ids of one page.
async fn page(fixture: &Fixture, skip: i64, limit: i64, after_id: i64) -> Vec<i64> {
    let filtro = ClienteFilter { page: pagina(skip, limit, after_id), ..ClienteFilter::default() };
    let clientes = fixture.repositories.clientes.listar(filtro).await.unwrap();
    clientes.iter().map(|cliente| cliente.id.get()).collect()
}

async fn clientes_are_listed_by_id_page_by_page(fixture: Fixture) {
    let mut ids = Vec::new();
    for index in 0..5 {
        let cliente = fixture.creado(&format!("a{index}@x.cl"), "0").await;
        ids.push(cliente.id.get());
    }
    assert_eq!(page(&fixture, 0, 100, 0).await, ids);
    assert_eq!(page(&fixture, 1, 2, 0).await, ids[1..3]);
    assert_eq!(page(&fixture, 0, 2, ids[2]).await, ids[3..]);
    assert_eq!(page(&fixture, 1, 2, ids[2]).await, ids[4..]);
    assert!(page(&fixture, 10_000, 1_000, 0).await.is_empty());
}

async fn a_cliente_is_found_by_its_address(fixture: Fixture) {
    fixture.creado("otra@x.cl", "0").await;
    let cliente = fixture.creado("Ana@x.cl", "0").await;
    let by = async |correo| {
        let filtro = ClienteFilter { email: Some(email(correo)), ..ClienteFilter::default() };
        fixture.repositories.clientes.listar(filtro).await.unwrap()
    };
    assert_eq!(by("ANA@X.CL").await, [cliente]);
    assert_eq!(by("nadie@x.cl").await, []);
}

async fn a_cliente_takes_another_name_and_address(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    let mut cliente = fixture.creado("ana@x.cl", "7.50").await;
    for correo in ["ANA@x.cl", "eva@x.cl"] {
        (cliente.nombre, cliente.email) = (nombre("Eva"), email(correo));
        let actualizacion = clientes.actualizar(cliente.id, cliente.nombre.clone(), cliente.email.clone()).await.unwrap();
        assert_eq!(actualizacion, Actualizacion::Actualizado(cliente.clone()));
        assert_eq!(fixture.cliente(cliente.id).await, Some(cliente.clone()));
    }
    fixture.creado("ana@x.cl", "0").await;
}

async fn a_cliente_cannot_take_the_address_of_another(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    fixture.creado("ana@x.cl", "0").await;
    let eva = fixture.creado("eva@x.cl", "0").await;
    let actualizacion = clientes.actualizar(eva.id, nombre("Ana"), email("ANA@x.cl")).await.unwrap();
    assert_eq!(actualizacion, Actualizacion::EmailDuplicado);
    assert_eq!(fixture.cliente(eva.id).await, Some(eva));
}

async fn a_cliente_without_pagos_is_deleted_with_its_recargas(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "5.00").await;
    fixture.recargar(cliente.id, "1").await;
    assert_eq!(fixture.eliminar(cliente.id).await, Eliminacion::Eliminado);
    assert_eq!(fixture.cliente(cliente.id).await, None);
    assert_eq!(fixture.eliminar(cliente.id).await, Eliminacion::NoEncontrado);
    assert_eq!(fixture.count("select count(*) from recargas").await, 0);
}

async fn a_cliente_with_pagos_stays(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "5.00").await;
    fixture.aceptado(cliente.id, "5.00").await;
    assert_eq!(fixture.eliminar(cliente.id).await, Eliminacion::ConPagos);
    assert_eq!(fixture.cliente(cliente.id).await.unwrap().saldo, Monto::ZERO);
    fixture.assert_money_rule().await;
}

async fn an_id_is_never_given_twice(fixture: Fixture) {
    let first = fixture.creado("ana@x.cl", "0").await;
    fixture.eliminar(first.id).await;
    assert!(fixture.creado("ana@x.cl", "0").await.id > first.id);
}

async fn a_recarga_is_credited(fixture: Fixture) {
    let mut cliente = fixture.creado("ana@x.cl", "0.10").await;
    cliente.saldo = monto("0.30");
    let recarga = fixture.recargar(cliente.id, "0.20").await;
    assert_eq!(recarga, Recarga::Recargado(cliente.clone()));
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
    assert_eq!(fixture.count("select count(*) from recargas").await, 2);
    fixture.assert_money_rule().await;
}

async fn a_recarga_beyond_the_largest_balance_changes_nothing(fixture: Fixture) {
    let cliente = fixture.creado("ana@x.cl", "99999999.98").await;
    for too_much in ["0.02", "99999999.99"] {
        let recarga = fixture.recargar(cliente.id, too_much).await;
        assert_eq!(recarga, Recarga::SaldoExcedido);
    }
    let Recarga::Recargado(full) = fixture.recargar(cliente.id, "0.01").await else { panic!("the largest balance is a balance") };
    assert_eq!((full.saldo, full.moneda), (Monto::MAX, Moneda::CLP));
    assert_eq!(fixture.count("select count(*) from recargas").await, 2);
    fixture.assert_money_rule().await;
}
