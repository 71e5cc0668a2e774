//! Pages of a list, and the links to others.

use axum::Router;
use axum::routing::get as on_get;
use garde::Validate;
use serde::Deserialize;
use tower::ServiceExt;

use super::{answer, get};
use crate::ApiResult;
use crate::extract::{Page, PageLinks, Query};

#[derive(Deserialize, Validate)]
struct Filtro {
    #[garde(range(min = 1))]
    cliente_id: Option<i64>,
    #[serde(flatten)]
    #[garde(dive)]
    pagina: Page<2, 5, 10>,
}

async fn by_id(links: PageLinks, Query(filtro): Query<Filtro>) -> ApiResult<Vec<i64>> {
    let page = filtro.pagina;
    let (first, limit) = (page.after_id().unwrap_or(0) + 1 + page.skip(), page.limit());
    let last = filtro.cliente_id.unwrap_or(7).min(first + limit - 1);
    Ok(links.by_id(page, (first..=last).collect(), |id| *id))
}

async fn by_skip(links: PageLinks, Query(page): Query<Page<2, 5, 4>>) -> ApiResult<Vec<i64>> {
    Ok(links.by_skip(page, (0..7).skip(page.skip().try_into().unwrap()).take(page.limit().try_into().unwrap()).collect()))
}

/// Seven, and how many they are.
async fn counted(links: PageLinks, Query(page): Query<Page<2, 7>>) -> ApiResult<Vec<i64>> {
    let rows = (0..7).skip(page.skip().try_into().unwrap()).take(page.limit().try_into().unwrap()).collect();
    Ok(links.with_total(7).by_skip(page, rows))
}

fn app() -> Router {
    Router::new().route("/id", on_get(by_id)).route("/skip", on_get(by_skip)).route("/counted", on_get(counted))
}

async fn links(uri: &str) -> Option<String> {
    let response = app().oneshot(get(uri)).await.unwrap();
    assert_eq!(response.status(), 200, "{uri}");
    response.headers().get("link").map(|link| link.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_full_page_of_ids_is_followed_by_what_is_behind_its_last() {
    assert_eq!(links("/id").await.unwrap(), r#"<?limit=2&after_id=2>; rel="next""#);
    let next = r#"<?cliente_id=9&x=%2C&limit=3&after_id=7>; rel="next", <?cliente_id=9&x=%2C&limit=3>; rel="first""#;
    assert_eq!(links("/id?cliente_id=9&after_id=4&x=%2C&&limit=3").await.unwrap(), next);
    assert_eq!(links("/id?after_id=6").await.unwrap(), r#"<?limit=2>; rel="first""#);
    assert_eq!(links("/id?limit=5&after_id=7").await.unwrap(), r#"<?limit=5>; rel="first""#);
    assert_eq!(links("/id?l%69mit=1&%73kip=1").await.unwrap(), r#"<?limit=1&after_id=2>; rel="next", <?limit=1>; rel="first""#);
}

#[tokio::test]
async fn following_the_links_reads_the_whole_list() {
    let (mut uri, mut pages) = ("/id".to_owned(), 0);
    while let Some(header) = links(&uri).await.filter(|header| header.contains("next")) {
        uri = format!("/id{}", header.trim_start_matches('<').split_once('>').unwrap().0);
        pages += 1;
    }
    assert_eq!((uri.as_str(), pages), ("/id?limit=2&after_id=6", 3));
}

#[tokio::test]
async fn a_list_in_another_order_is_followed_as_far_as_may_be_skipped() {
    assert_eq!(links("/skip").await.unwrap(), r#"<?limit=2&skip=2>; rel="next""#);
    assert_eq!(links("/skip?skip=1").await.unwrap(), r#"<?limit=2&skip=3>; rel="next", <?limit=2&skip=0>; rel="prev""#);
    assert_eq!(links("/skip?skip=4").await.unwrap(), r#"<?limit=2&skip=2>; rel="prev""#);
    assert_eq!(links(&format!("/skip?x={}", "y".repeat(2048))).await, None);
}

#[tokio::test]
async fn a_list_that_was_counted_tells_it_and_ends_where_it_ends() {
    let expected = [
        ("/counted", Some(r#"<?limit=2&skip=2>; rel="next""#)),
        ("/counted?skip=5", Some(r#"<?limit=2&skip=3>; rel="prev""#)),
        ("/counted?limit=7", None),
    ];
    for (uri, link) in expected {
        let headers = app().oneshot(get(uri)).await.unwrap().headers().clone();
        assert_eq!(headers.get("link").map(|link| link.to_str().unwrap()), link, "{uri}");
        assert_eq!(headers["x-total-count"], "7", "{uri}");
    }
    assert!(!app().oneshot(get("/skip")).await.unwrap().headers().contains_key("x-total-count"));
}

#[tokio::test]
async fn all_bad_parameters_of_a_page_are_told_beside_the_others() {
    let expected = [
        "cliente_id: debe ser mayor o igual que 1",
        "limit: debe estar entre 1 y 5",
        "skip: debe ser un número entero entre 0 y 10",
    ];
    let (status, mut messages) = answer(app(), get("/id?skip=x&limit=6&cliente_id=0")).await;
    messages.sort();
    assert_eq!((status, messages), (422, expected.map(str::to_owned).to_vec()));
}

const BAD: &[&str] = &[
    "limit=0",
    "limit=",
    "limit=01",
    "limit=1.0",
    "limit=%2B1",
    "skip=-1",
    "skip=11",
    "after_id=9223372036854775808",
    "limit=1&limit=1",
];

#[tokio::test]
async fn a_bad_place_is_told_alone_and_flattened_alike() {
    for query in BAD {
        let name = query.split('=').next().unwrap();
        for list in ["id", "skip"] {
            let (status, messages) = answer(app(), get(&format!("/{list}?{query}"))).await;
            assert_eq!((status, messages.len()), (422, 1), "{query}");
            assert!(messages[0].starts_with(name), "{query}: {messages:?}");
        }
    }
}
