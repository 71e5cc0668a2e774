//! Names that say that their value must not be shown.

use std::ops::Range;

/// What is denied by default, word by word: passwords, tokens, keys, cards, and personal data (contract section 4).
pub(super) const DEFAULT: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "contrasena",
    "contraseña",
    "clave",
    "pin",
    "otp",
    "secret",
    "secreto",
    "token",
    "jwt",
    "authorization",
    "auth_header",
    "cookie",
    "session_id",
    "credential",
    "credencial",
    "api_key",
    "private_key",
    "secret_key",
    "access_key",
    "signing_key",
    "encryption_key",
    "llave_privada",
    "card",
    "credit_card",
    "card_number",
    "tarjeta",
    "numero_tarjeta",
    "pan",
    "cvv",
    "cvc",
    "cvv2",
    "email",
    "e_mail",
    "mail",
    "correo",
    "nombre",
    "apellido",
    "rut",
    "dni",
    "telefono",
    "teléfono",
    "phone",
];

/// Keys that are found inside a name that is written without a break between its words, and those that are found at its end.
const INSIDE: &[&str] = &["password", "passwd", "contrasena", "apikey", "authorization", "cardnumber", "creditcard", "accesskey"];
const AT_THE_END: &[&str] = &["secret", "token"];

/// The deny-list, made ready.
#[derive(Debug)]
pub(super) struct Keys {
    denied: Vec<Vec<String>>,
    /// Names that hide nothing, although a key stands in them.
    shown: Vec<Vec<String>>,
}

impl Keys {
    pub(super) fn new(denied: &[String], shown: &[String]) -> Self {
        let ready = |names: &[String]| names.iter().map(|name| words(name)).filter(|words| !words.is_empty()).collect();
        Self { denied: ready(denied), shown: ready(shown) }
    }

    /// Whether `name` says that its value must not be shown.
    pub(super) fn deny(&self, name: &str) -> bool {
        if self.denied.is_empty() || name.len() < 3 {
            return false;
        }
        let words = words(name);
        let stands = self.denied.iter().flat_map(|key| places(key, &words)).any(|place| !self.excuse(&words, &place));
        stands || (self.deny_run_together(&words.concat()) && !self.excuse(&words, &(0..words.len())))
    }

    /// Whether the words at `place` belong to a name that is shown.
    fn excuse(&self, words: &[String], place: &Range<usize>) -> bool {
        let around = |shown: Range<usize>| shown.start <= place.start && place.end <= shown.end;
        self.shown.iter().flat_map(|shown| places(shown, words)).any(around)
    }

    /// `userpassword`, `clientsecret`: only the parts that are long enough to be no accident.
    fn deny_run_together(&self, name: &str) -> bool {
        INSIDE.iter().any(|part| name.contains(part) && self.hold(part))
            || AT_THE_END.iter().any(|part| name.ends_with(part) && self.hold(part))
    }

    /// Whether `part` is the words of a key, run together. What a service took away from the list is not denied by its parts.
    fn hold(&self, part: &str) -> bool {
        self.denied.iter().any(|key| key.concat() == part)
    }
}

/// Where the words of `key` stand side by side among `words`.
fn places(key: &[String], words: &[String]) -> impl Iterator<Item = Range<usize>> {
    let stand = move |window: &[String]| window.iter().zip(key).all(|(word, key)| is_word(word, key));
    let starts = words.windows(key.len()).enumerate().filter(move |(_, window)| stand(window));
    starts.map(|(start, _)| start..start + key.len())
}

/// Singular or plural.
fn is_word(word: &str, key: &str) -> bool {
    word == key || word.strip_suffix('s') == Some(key) || word.strip_suffix("es") == Some(key)
}

/// The words of a name in lower case: `clienteEmail`, `cliente_email`, `cliente-email` and `cliente.email` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for character in name.chars() {
        let starts = !character.is_alphanumeric() || (character.is_uppercase() && after_lower);
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        after_lower = character.is_lowercase() || character.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        keys_showing(&[])
    }

    fn keys_showing(shown: &[&str]) -> Keys {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Keys::new(&owned(DEFAULT), &owned(shown))
    }

    const SECRETS: &str = "password user_password userPassword PASSWORD Api-Key apiKey apikey x.api.key access_token tokens \
        accesstoken clientsecret contraseña email clienteEmail e-mail correos nombre nombres card_number \
        tarjeta cvv set-cookie credenciales JWT passwordHash";

    #[test]
    fn names_of_secrets_are_denied_however_they_are_written() {
        for name in SECRETS.split_whitespace() {
            assert!(keys().deny(name), "{name}");
        }
    }

    const OTHERS: &str = "cliente_id pago_id monto moneda key idempotency_key secretario tokenizer pinta pantalla company \
        renombre duration_ms status spin mailbox discard authority nombrex";

    #[test]
    fn other_names_are_not() {
        for name in OTHERS.split_whitespace() {
            assert!(!keys().deny(name), "{name}");
        }
        assert!(!keys().deny(""));
    }

    #[test]
    fn a_key_that_was_taken_away_is_shown() {
        let keys = Keys::new(&["rut".to_owned()], &[]);
        assert!(keys.deny("clienteRut") && !keys.deny("password") && !keys.deny("userpassword"));
    }

    #[test]
    fn a_longer_name_may_be_shown_and_no_other() {
        let keys = keys_showing(&["nombre_producto", "token_count", "accesstokens"]);
        for name in
            ["nombre_producto", "nombreProducto", "item.nombre-producto", "nombres_productos", "token_count", "accesstokens"]
        {
            assert!(!keys.deny(name), "{name}");
        }
        for name in ["nombre", "nombre_cliente", "producto_nombre", "nombre_producto_email", "token", "access_token_count_token"]
        {
            assert!(keys.deny(name), "{name}");
        }
    }
}
