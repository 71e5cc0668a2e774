//! Clientes and recargas.

use reference_pago_service::models::{
    ClienteError, ClienteFilter, ClienteId, DeletionError, Moneda, Monto, NewCliente, RecargaError,
};

use crate::support::{Fixture, email, monto, new_cliente, nombre, on_both_engines, page};

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
    let pago =
        NewCliente {
            nombre: nombre("Ñandú 🙂"), email: email("Ana@X.cl"), saldo: Monto::MAX, moneda: "USD".parse().unwrap()
        };
    let cliente = clientes.create(pago.clone()).await.unwrap().unwrap();
    assert_eq!((&cliente.nombre, &cliente.email), (&pago.nombre, &pago.email));
    assert_eq!((cliente.saldo, cliente.moneda), (pago.saldo, pago.moneda));
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
}

const ODD_TEXTS: [&str; 5] = ["'; DROP TABLE pagos;--", "{{7*7}}", "<script>", " a ", "%_\\"];

async fn texts_are_kept_verbatim(fixture: Fixture) {
    for (index, text) in ODD_TEXTS.into_iter().enumerate() {
        let pago = NewCliente { nombre: nombre(text), ..new_cliente(&format!("o'h{index}@x.cl"), "0") };
        let cliente = fixture.create(pago).await.unwrap();
        let kept = fixture.cliente(cliente.id).await.unwrap();
        assert_eq!(kept.nombre.as_str(), text);
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
}

async fn an_opening_balance_is_the_first_recarga(fixture: Fixture) {
    fixture.created("sin@x.cl", "0.00").await;
    fixture.created("con@x.cl", "0.01").await;
    assert_eq!(fixture.count("select count(*) from recargas").await, 1);
    fixture.assert_money_rule().await;
}

async fn an_unknown_id_is_no_cliente(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    for unknown in [1, 2_147_483_647, 2_147_483_648, i64::MAX].map(id) {
        assert_eq!(fixture.cliente(unknown).await, None);
        assert_eq!(fixture.delete(unknown).await, Ok(None));
        assert_eq!(fixture.credit(unknown, "1").await, Err(RecargaError::ClienteNoEncontrado { cliente_id: unknown }));
        let updated = clientes.update(unknown, nombre("Ana"), email("a@x.cl")).await.unwrap();
        assert_eq!(updated, Ok(None));
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
        fixture.created(first, "0").await;
        let again = fixture.create(new_cliente(second, "5.00")).await;
        assert_eq!(again, Err(ClienteError::EmailDuplicado), "{second}");
    }
    fixture.created("\u{fb01}n@x.cl", "0").await;
    fixture.created("fin@x.cl", "0").await;
    assert_eq!(fixture.count("select count(*) from recargas").await, 0);
}

/// The ids of one page.
async fn ids_of(fixture: &Fixture, skip: i64, limit: i64, after_id: i64) -> Vec<i64> {
    let filter = ClienteFilter { page: page(skip, limit, after_id), ..ClienteFilter::default() };
    let clientes = fixture.repositories.clientes.list(filter).await.unwrap();
    clientes.iter().map(|cliente| cliente.id.get()).collect()
}

async fn clientes_are_listed_by_id_page_by_page(fixture: Fixture) {
    let mut ids = Vec::new();
    for index in 0..5 {
        let cliente = fixture.created(&format!("a{index}@x.cl"), "0").await;
        ids.push(cliente.id.get());
    }
    assert_eq!(ids_of(&fixture, 0, 100, 0).await, ids);
    assert_eq!(ids_of(&fixture, 1, 2, 0).await, ids[1..3]);
    assert_eq!(ids_of(&fixture, 0, 2, ids[2]).await, ids[3..]);
    assert_eq!(ids_of(&fixture, 1, 2, ids[2]).await, ids[4..]);
    assert!(ids_of(&fixture, 10_000, 1_000, 0).await.is_empty());
}

async fn a_cliente_is_found_by_its_address(fixture: Fixture) {
    fixture.created("otra@x.cl", "0").await;
    let cliente = fixture.created("Ana@x.cl", "0").await;
    let by = async |address| {
        let filter = ClienteFilter { email: Some(email(address)), ..ClienteFilter::default() };
        fixture.repositories.clientes.list(filter).await.unwrap()
    };
    assert_eq!(by("ANA@X.CL").await, [cliente]);
    assert_eq!(by("nadie@x.cl").await, []);
}

async fn a_cliente_takes_another_name_and_address(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    let mut cliente = fixture.created("ana@x.cl", "7.50").await;
    for address in ["ANA@x.cl", "eva@x.cl"] {
        (cliente.nombre, cliente.email) = (nombre("Eva"), email(address));
        let updated = clientes.update(cliente.id, cliente.nombre.clone(), cliente.email.clone()).await.unwrap();
        assert_eq!(updated, Ok(Some(cliente.clone())));
        assert_eq!(fixture.cliente(cliente.id).await, Some(cliente.clone()));
    }
    fixture.created("ana@x.cl", "0").await;
}

async fn a_cliente_cannot_take_the_address_of_another(fixture: Fixture) {
    let clientes = &fixture.repositories.clientes;
    fixture.created("ana@x.cl", "0").await;
    let eva = fixture.created("eva@x.cl", "0").await;
    let updated = clientes.update(eva.id, nombre("Ana"), email("ANA@x.cl")).await.unwrap();
    assert_eq!(updated, Err(ClienteError::EmailDuplicado));
    assert_eq!(fixture.cliente(eva.id).await, Some(eva));
}

async fn a_cliente_without_pagos_is_deleted_with_its_recargas(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "5.00").await;
    fixture.credit(cliente.id, "1").await.unwrap();
    assert_eq!(fixture.delete(cliente.id).await, Ok(Some(())));
    assert_eq!(fixture.cliente(cliente.id).await, None);
    assert_eq!(fixture.delete(cliente.id).await, Ok(None));
    assert_eq!(fixture.count("select count(*) from recargas").await, 0);
}

async fn a_cliente_with_pagos_stays(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "5.00").await;
    fixture.accepted(cliente.id, "5.00").await;
    assert_eq!(fixture.delete(cliente.id).await, Err(DeletionError::ClienteConPagos { cliente_id: cliente.id }));
    assert_eq!(fixture.cliente(cliente.id).await.unwrap().saldo, Monto::ZERO);
    fixture.assert_money_rule().await;
}

async fn an_id_is_never_given_twice(fixture: Fixture) {
    let first = fixture.created("ana@x.cl", "0").await;
    fixture.delete(first.id).await.unwrap();
    assert!(fixture.created("ana@x.cl", "0").await.id > first.id);
}

async fn a_recarga_is_credited(fixture: Fixture) {
    let mut cliente = fixture.created("ana@x.cl", "0.10").await;
    cliente.saldo = monto("0.30");
    let credited = fixture.credit(cliente.id, "0.20").await;
    assert_eq!(credited, Ok(cliente.clone()));
    assert_eq!(fixture.cliente(cliente.id).await, Some(cliente));
    assert_eq!(fixture.count("select count(*) from recargas").await, 2);
    fixture.assert_money_rule().await;
}

async fn a_recarga_beyond_the_largest_balance_changes_nothing(fixture: Fixture) {
    let cliente = fixture.created("ana@x.cl", "99999999.98").await;
    for too_much in ["0.02", "99999999.99"] {
        let credited = fixture.credit(cliente.id, too_much).await;
        assert_eq!(credited, Err(RecargaError::SaldoExcedido { monto: monto(too_much) }));
    }
    let full = fixture.credit(cliente.id, "0.01").await.expect("the largest balance is a balance");
    assert_eq!((full.saldo, full.moneda), (Monto::MAX, Moneda::CLP));
    assert_eq!(fixture.count("select count(*) from recargas").await, 2);
    fixture.assert_money_rule().await;
}
