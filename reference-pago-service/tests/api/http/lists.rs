//! Lists: their bounds, their order, and reading one that grows.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use standards_core::context;

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, execute};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_bound_outside_its_range_is_refused,
    a_bound_at_the_edge_of_its_range_is_taken,
    a_parameter_given_twice_is_refused,
    unknown_parameters_are_ignored,
    all_bad_parameters_are_told_at_once,
    a_long_list_comes_a_hundred_at_a_time,
    a_list_is_filtered_and_ordered_by_id,
    pages_of_a_growing_list_have_no_gap_and_no_duplicate,
    a_full_page_links_to_the_next_and_its_filter_goes_along,
);

/// The service with cliente 1, who made this many pagos.
async fn with_pagos(fixture: &Fixture, pagos: usize) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "5000.00").await, 1);
    for _ in 0..pagos {
        assert_eq!(api.pay(1, "1.00").await.status(), 200);
    }
    api
}

/// L1, L3 and half of L4: parameter and text.
const REFUSED: &[[&str; 2]] = &[
    ["limit", "0"],
    ["limit", "-1"],
    ["limit", "1001"],
    ["limit", "1000000000"],
    ["limit", "9223372036854775808"],
    ["limit", "abc"],
    ["limit", "1.5"],
    ["limit", "1e2"],
    ["limit", "+1"],
    ["limit", "%2B1"],
    ["limit", "01"],
    ["limit", ""],
    ["limit", "%00"],
    ["limit", "1%00"],
    ["limit", "%ff"],
    ["limit", "%"],
    ["limit", "%EF%BC%91"],
    ["skip", "-1"],
    ["skip", "10001"],
    ["skip", "10000000"],
    ["skip", "9223372036854775808"],
    ["skip", ""],
    ["skip", "null"],
    ["after_id", "-1"],
    ["after_id", "9223372036854775808"],
    ["after_id", "abc"],
    ["after_id", ""],
];

async fn a_bound_outside_its_range_is_refused(fixture: Fixture) {
    let api = with_pagos(&fixture, 1).await;
    for [parameter, text] in REFUSED {
        for list in [PAGOS, CLIENTES] {
            api.get(&format!("{list}?{parameter}={text}")).await.assert_invalid_field(parameter);
        }
    }
    for id in ["0", "-1", "abc", "1.0", "01", "", "9223372036854775808"] {
        api.get(&format!("{PAGOS}?cliente_id={id}")).await.assert_invalid_field("cliente_id");
    }
    api.get(&format!("{PAGOS}?limit")).await.assert_invalid_field("limit");
}

async fn a_bound_at_the_edge_of_its_range_is_taken(fixture: Fixture) {
    let api = with_pagos(&fixture, 2).await;
    for query in ["limit=1000", "limit=101", "skip=0", "after_id=0", "estado=PROCESADO", "cliente_id=1", ""] {
        assert_eq!(api.get(&format!("{PAGOS}?{query}")).await.ids(), [1, 2], "{query}");
    }
    assert_eq!(api.get(&format!("{PAGOS}?limit=1")).await.ids(), [1]);
    for query in ["skip=10000", "after_id=2", "after_id=9223372036854775807", "cliente_id=9223372036854775807"] {
        assert_eq!(api.get(&format!("{PAGOS}?{query}")).await.text(), r#"{"success":true,"data":[],"errors":[]}"#);
    }
}

/// L2.
async fn a_parameter_given_twice_is_refused(fixture: Fixture) {
    let api = with_pagos(&fixture, 1).await;
    for (query, field) in [
        ("limit=1&limit=100", "limit"),
        ("limit=1&limit=1", "limit"),
        ("skip=0&limit=1&skip=0", "skip"),
        ("estado=PROCESADO&estado=ANULADO", "estado"),
        ("cliente_id=1&cliente_id=2", "cliente_id"),
        ("limit=1&%6Cimit=1", "limit"),
    ] {
        api.get(&format!("{PAGOS}?{query}")).await.assert_invalid_field(field);
    }
}

/// The other half of L4, and L7.
async fn unknown_parameters_are_ignored(fixture: Fixture) {
    let api = with_pagos(&fixture, 2).await;
    let mut thousand = String::new();
    for number in 0..1_000 {
        write!(thousand, "p{number}=x&").unwrap();
    }
    for query in ["limit[]=1", "limit%5B%5D=1", "LIMIT=0", "sort=monto;DROP", "a&&=&=x", "__proto__=1", "%ff=1", &thousand] {
        assert_eq!(api.get(&format!("{PAGOS}?{query}")).await.ids(), [1, 2], "{query}");
    }
    fixture.assert_money_rule().await;
}

async fn all_bad_parameters_are_told_at_once(fixture: Fixture) {
    let api = Api::over(&fixture).await;
    let exchange = api.get(&format!("{PAGOS}?limit=0&skip=-1&after_id=x&estado=y&cliente_id=z")).await;
    assert_eq!(exchange.status(), 422);
    let mut fields: Vec<_> = exchange.errors().into_iter().map(|error| error.message).collect();
    fields.iter_mut().for_each(|message| message.truncate(message.find(':').unwrap()));
    fields.sort_unstable();
    assert_eq!(fields, ["after_id", "cliente_id", "estado", "limit", "skip"]);
}

/// Copies of the first pago, so that 12001 stand in the table.
const MANY: &str = "
    insert into pagos (cliente_id, monto, moneda, estado, created_at, updated_at)
    with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 12000)
    select pagos.cliente_id, pagos.monto, pagos.moneda, pagos.estado, pagos.created_at, pagos.updated_at
    from numbers, pagos where pagos.id = 1";

/// L5.
async fn a_long_list_comes_a_hundred_at_a_time(fixture: Fixture) {
    let api = with_pagos(&fixture, 1).await;
    execute(&fixture, MANY).await;
    let begun = Instant::now();
    for list in [PAGOS.to_owned(), format!("{PAGOS}?cliente_id=1"), format!("{PAGOS}?estado=PROCESADO")] {
        assert_eq!(api.get(&list).await.ids(), (1..=100).collect::<Vec<_>>());
    }
    let last = api.get(&format!("{PAGOS}?cliente_id=1&skip=10000&limit=1000")).await.ids();
    assert_eq!((last.len(), last[0]), (1_000, 10_001));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

async fn a_list_is_filtered_and_ordered_by_id(fixture: Fixture) {
    let api = with_pagos(&fixture, 2).await;
    let eva = api.register("eva@x.cl", "5.00").await;
    assert_eq!(api.pay(eva, "1.00").await.data()["id"], 3);
    assert_eq!(api.pay(1, "1.00").await.data()["id"], 4);
    for (query, ids) in [
        ("cliente_id=1", vec![1, 2, 4]),
        ("cliente_id=2", vec![3]),
        ("cliente_id=3", vec![]),
        ("estado=ANULADO", vec![]),
        ("estado=PROCESADO&cliente_id=1&limit=2", vec![1, 2]),
        ("cliente_id=1&after_id=2", vec![4]),
        ("cliente_id=1&skip=1&limit=1", vec![2]),
        ("after_id=1&skip=1", vec![3, 4]),
    ] {
        assert_eq!(api.get(&format!("{PAGOS}?{query}")).await.ids(), ids, "{query}");
    }
    assert_eq!(api.get(&format!("{CLIENTES}?after_id=1")).await.ids(), [2]);
    assert_eq!(api.get(&format!("{CLIENTES}?limit=1")).await.ids(), [1]);
}

/// The ids of all pages of three, until there were at least `enough` rows and one page was empty.
async fn walk(api: &Api, enough: usize) -> Vec<u64> {
    let mut seen: Vec<u64> = Vec::new();
    loop {
        let after = seen.last().copied().unwrap_or(0);
        let page = api.get(&format!("{PAGOS}?limit=3&after_id={after}")).await.ids();
        if page.is_empty() && seen.len() >= enough {
            return seen;
        }
        seen.extend(page);
    }
}

async fn a_full_page_links_to_the_next_and_its_filter_goes_along(fixture: Fixture) {
    let api = with_pagos(&fixture, 3).await;
    let link = async |path: String| {
        let exchange = api.get(&path).await;
        assert_eq!(exchange.status(), 200, "{path}");
        exchange.headers().get("link").map(|link| link.to_str().unwrap().to_owned())
    };
    for (query, links) in [
        ("", None),
        ("?limit=4", None),
        ("?limit=2", Some(r#"<?limit=2&after_id=2>; rel="next""#)),
        ("?limit=1&cliente_id=1", Some(r#"<?cliente_id=1&limit=1&after_id=1>; rel="next""#)),
        ("?limit=2&after_id=2", Some(r#"<?limit=2>; rel="first""#)),
        ("?after_id=0&limit=3", Some(r#"<?limit=3&after_id=3>; rel="next", <?limit=3>; rel="first""#)),
    ] {
        assert_eq!(link(format!("{PAGOS}{query}")).await.as_deref(), links, "{query}");
    }
    assert_eq!(link(format!("{CLIENTES}?limit=1")).await.as_deref(), Some(r#"<?limit=1&after_id=1>; rel="next""#));
    assert_eq!(api.get(&format!("{PAGOS}?limit=0")).await.headers().get("link"), None);
}

/// L6.
async fn pages_of_a_growing_list_have_no_gap_and_no_duplicate(fixture: Fixture) {
    let api = with_pagos(&fixture, 10).await;
    let payer = api.clone();
    let paying = context::spawn(async move {
        for _ in 0..150 {
            assert_eq!(payer.pay(1, "1.00").await.status(), 200);
        }
    });
    let seen = walk(&api, 160).await;
    paying.await.unwrap();
    let listed = api.get(&format!("{PAGOS}?limit=1000")).await.ids();
    assert_eq!((seen, listed.len()), (listed, 160));
}
