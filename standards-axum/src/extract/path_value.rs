//! What a parameter of a route can be read as without a struct around it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroI32, NonZeroI64, NonZeroU32, NonZeroU64};

use garde::Validate;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use standards_core::{FieldError, FixedDecimal, Timestamp};
#[cfg(feature = "openapi")]
use utoipa::{
    PartialSchema,
    openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
    openapi::{RefOr, Schema},
};

use super::read::Parameter;
use super::retry;

/// One value of a [`Path`](super::Path): an integer, a text, a boolean, a decimal, an instant, an address; with the feature of its crate's
/// name also a `Uuid`, a date of `time` or `chrono`, a `rust_decimal::Decimal`.
///
/// A type of the service's own that reads itself from a text says that it is one:
///
/// ```
/// use axum::{Router, routing::get};
/// use serde::Deserialize;
/// use standards_axum::extract::{Path, PathValue};
/// use standards_axum::ok;
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "lowercase")]
/// enum Sucursal {
///     Centro,
///     Norte,
/// }
///
/// impl PathValue for Sucursal {}
///
/// let app: Router = Router::new().route("/sucursales/{sucursal}", get(async |Path(_): Path<Sucursal>| ok(())));
/// ```
///
/// It is read by serde from one text: an integer or a boolean by JSON's grammar, an enum by the names of its variants, anything else by its
/// own `Deserialize`. A reason of its own ([`standards_core::validation::reject`]) reaches the client.
///
/// # Example: a grammar of its own
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, routing::get};
/// use http::Request;
/// use serde::{Deserialize, Deserializer};
/// use standards_axum::core::{Text, validation};
/// use standards_axum::extract::{Path, PathValue};
/// use standards_axum::ok;
/// use tower::ServiceExt;
///
/// struct Sku(String);
///
/// impl<'de> Deserialize<'de> for Sku {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         let text = String::deserialize(deserializer)?;
///         let is_sku = text.starts_with("SKU-");
///         if is_sku { Ok(Self(text)) } else { Err(validation::reject(Text::new("debe empezar con SKU-", "must begin with SKU-"))) }
///     }
/// }
///
/// impl PathValue for Sku {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app: Router = Router::new().route("/productos/{sku}", get(async |Path(sku): Path<Sku>| ok(sku.0)));
/// let answer = app.oneshot(Request::get("/productos/7").body(Body::empty()).unwrap()).await.unwrap();
/// assert_eq!(answer.status(), 422);
/// let body = to_bytes(answer.into_body(), 1024).await.unwrap();
/// assert!(String::from_utf8_lossy(&body).contains("sku: debe empezar con SKU-"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value that a path can hold",
    note = "a struct of the route's parameters is read by `PathParams<{Self}>`",
    note = "a type that reads itself from one text says so: `impl standards_axum::extract::PathValue for {Self} {{}}`",
    note = "`Uuid`, dates and decimals of other crates need the feature of their crate's name"
)]
pub trait PathValue: DeserializeOwned {
    /// The parameter in the document; a string unless a type says otherwise.
    #[cfg(feature = "openapi")]
    #[must_use]
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).into()
    }
}

/// What a [`Path`](super::Path) holds: one [`PathValue`], or a tuple of up to six, in the order of the route's parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value that a path can hold, and no tuple of such values",
    note = "a struct of the route's parameters is read by `PathParams<{Self}>`",
    note = "a type that reads itself from one text says so: `impl standards_axum::extract::PathValue for {Self} {{}}`",
    note = "`Uuid`, dates and decimals of other crates need the feature of their crate's name"
)]
pub trait PathValues: Sized {
    /// How many parameters the route has to have.
    ///
    /// A route with another number is a mistake of the service: 500.
    const COUNT: usize;

    /// Reads as many pairs of a name and a text.
    ///
    /// # Errors
    ///
    /// Why each of the bad ones is refused.
    fn from_parameters(parameters: &[(&str, &str)]) -> Result<Self, Vec<FieldError>>;

    /// The parameters in the document.
    ///
    /// As many as `COUNT`, in the order of the route; it gives them their names.
    #[cfg(feature = "openapi")]
    #[must_use]
    fn schemas() -> Vec<RefOr<Schema>>;
}

impl<T: PathValue> PathValues for T {
    const COUNT: usize = 1;

    fn from_parameters(parameters: &[(&str, &str)]) -> Result<Self, Vec<FieldError>> {
        let mut refused = Vec::new();
        read(&mut parameters.iter(), &mut refused).ok_or(refused)
    }

    #[cfg(feature = "openapi")]
    fn schemas() -> Vec<RefOr<Schema>> {
        vec![T::schema()]
    }
}

/// Reads the next parameter, or says why it is refused.
fn read<'a, T: PathValue>(
    parameters: &mut impl Iterator<Item = &'a (&'a str, &'a str)>,
    refused: &mut Vec<FieldError>,
) -> Option<T> {
    let (name, text) = *parameters.next()?;
    match retry::read_or_refuse(&Parameter::new(name, Cow::Borrowed(text))) {
        Ok(Unruled(value)) => Some(value),
        Err(errors) => {
            refused.extend(errors);
            None
        }
    }
}

/// A value that no rule is about.
struct Unruled<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unruled<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T> Validate for Unruled<T> {
    type Context = ();

    fn validate_into(&self, (): &(), _: &mut dyn FnMut() -> garde::Path, _: &mut garde::Report) {}
}

macro_rules! tuples {
    ($($count:literal => $($value:ident)+;)+) => {
        $(impl<$($value: PathValue),+> PathValues for ($($value,)+) {
            const COUNT: usize = $count;

            #[expect(non_snake_case, reason = "a value is called as its type is")]
            fn from_parameters(parameters: &[(&str, &str)]) -> Result<Self, Vec<FieldError>> {
                let (mut left, mut refused) = (parameters.iter(), Vec::new());
                let ($($value,)+) = ($(read::<$value>(&mut left, &mut refused),)+);
                match ($($value,)+) {
                    ($(Some($value),)+) => Ok(($($value,)+)),
                    _ => Err(refused),
                }
            }

            #[cfg(feature = "openapi")]
            fn schemas() -> Vec<RefOr<Schema>> {
                vec![$($value::schema()),+]
            }
        })+
    };
}

tuples! {
    1 => A;
    2 => A B;
    3 => A B C;
    4 => A B C D;
    5 => A B C D E;
    6 => A B C D E F;
}

/// Types that utoipa knows.
macro_rules! known {
    ($($type:ty)+) => {
        $(impl PathValue for $type {
            #[cfg(feature = "openapi")]
            fn schema() -> RefOr<Schema> {
                <$type as PartialSchema>::schema()
            }
        })+
    };
}

known!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char String Timestamp);

impl<const SCALE: u8, const MIN: i64, const MAX: i64> PathValue for FixedDecimal<SCALE, MIN, MAX> {
    #[cfg(feature = "openapi")]
    fn schema() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }
}

/// Integers that are not zero, and what they are beside that.
macro_rules! nonzero {
    ($($type:ty: $integer:ty),+) => {
        $(impl PathValue for $type {
            #[cfg(feature = "openapi")]
            fn schema() -> RefOr<Schema> {
                <$integer as PartialSchema>::schema()
            }
        })+
    };
}

nonzero!(NonZeroI32: i32, NonZeroI64: i64, NonZeroU32: u32, NonZeroU64: u64);

/// Texts of a format.
macro_rules! formatted {
    ($($type:ty => $format:expr),+ $(,)?) => {
        $(impl PathValue for $type {
            #[cfg(feature = "openapi")]
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).format(Some($format)).into()
            }
        })+
    };
}

formatted! {
    Ipv4Addr => SchemaFormat::KnownFormat(KnownFormat::Ipv4),
    Ipv6Addr => SchemaFormat::KnownFormat(KnownFormat::Ipv6),
    IpAddr => SchemaFormat::Custom("ip".into()),
}

#[cfg(feature = "uuid")]
formatted!(uuid::Uuid => SchemaFormat::KnownFormat(KnownFormat::Uuid));

#[cfg(feature = "time")]
formatted!(time::Date => SchemaFormat::KnownFormat(KnownFormat::Date));

#[cfg(feature = "chrono")]
formatted! {
    chrono::NaiveDate => SchemaFormat::KnownFormat(KnownFormat::Date),
    chrono::DateTime<chrono::Utc> => SchemaFormat::KnownFormat(KnownFormat::DateTime),
}

#[cfg(feature = "rust_decimal")]
formatted!(rust_decimal::Decimal => SchemaFormat::Custom("decimal".into()));
