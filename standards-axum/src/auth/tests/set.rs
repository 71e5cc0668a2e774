//! A set of public keys, good and bad.

use std::io::Write as _;
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::support::{claims, hs256, settings, signed, status};
use crate::auth::{AuthError, Authenticator, jwks};

struct Pair {
    algorithm: Algorithm,
    key: EncodingKey,
    public: Value,
}

impl Pair {
    fn new(algorithm: Algorithm, id: &str) -> Self {
        super::super::authenticator::install_cryptography();
        let key = private_key(algorithm);
        let mut public = serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
        public["kid"] = id.into();
        Self { algorithm, key, public }
    }

    fn token(&self, header: &Value) -> String {
        let mut header = header.clone();
        header["alg"] = format!("{:?}", self.algorithm).into();
        signed(&header.to_string(), &claims(&json!({})).to_string(), &self.key, self.algorithm)
    }
}

fn private_key(algorithm: Algorithm) -> EncodingKey {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::{rand, rsa, signature};
    let random = rand::SystemRandom::new();
    match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_der(signature::Ed25519KeyPair::generate_pkcs8v1(&random).unwrap().as_ref()),
        Algorithm::ES256 => {
            let pair = signature::EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &random);
            EncodingKey::from_ec_der(pair.unwrap().as_ref())
        }
        _ => {
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
            let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
            // PKCS#1 is what stands inside PKCS#8's head.
            EncodingKey::from_rsa_der(&der.as_ref()[26..])
        }
    }
}

fn file_of(set: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(set.as_bytes()).unwrap();
    file
}

fn authenticator(keys: &[&Value]) -> Result<Authenticator, AuthError> {
    let file = file_of(&json!({"keys": keys}).to_string());
    Authenticator::new(&settings(&[("JWKS_URL", &format!("file:{}", file.path().display()))]))
}

#[tokio::test]
async fn each_kind_of_key_verifies_its_own_algorithm() {
    let pairs = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(|kind| Pair::new(kind, &format!("{kind:?}")));
    let known = authenticator(&pairs.each_ref().map(|pair| &pair.public)).unwrap();
    for pair in &pairs {
        let id = &pair.public["kid"];
        assert_eq!(status(&known, &pair.token(&json!({"kid": id}))).await, 200, "{id}");
        // Without a name it could be any key's, and under another's name it is nobody's.
        for header in [json!({}), json!({"kid": "otra"}), json!({"kid": "../../dev/null"}), json!({"kid": "' or 1=1 --"})] {
            assert_eq!(status(&known, &pair.token(&header)).await, 401, "{id} {header}");
        }
    }
    let [rsa, elliptic, _] = &pairs;
    let crossed = rsa.token(&json!({"kid": elliptic.public["kid"]}));
    assert_eq!(status(&known, &crossed).await, 401);
}

#[tokio::test]
async fn the_only_key_needs_no_name() {
    let pair = Pair::new(Algorithm::EdDSA, "uno");
    assert_eq!(status(&authenticator(&[&pair.public]).unwrap(), &pair.token(&json!({}))).await, 200);
}

/// The oldest attack: the public key as the secret of an HMAC.
#[tokio::test]
async fn a_public_key_is_no_secret() {
    let pair = Pair::new(Algorithm::RS256, "uno");
    let known = authenticator(&[&pair.public]).unwrap();
    for secret in [pair.public.to_string(), pair.public["n"].as_str().unwrap().to_owned()] {
        let forged = hs256(r#"{"alg":"HS256","kid":"uno"}"#, &claims(&json!({})).to_string(), &secret);
        assert_eq!(status(&known, &forged).await, 401);
    }
}

/// Sets that are of no use, each with a part of the sentence that says why.
fn useless_sets() -> Vec<(String, &'static str)> {
    let pair = Pair::new(Algorithm::EdDSA, "uno").public;
    let symmetric = json!({"kty": "oct", "k": "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE", "kid": "s"});
    let other_use = json!({"kty": "OKP", "crv": "Ed25519", "x": pair["x"], "use": "enc"});
    let weak = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    let many: Vec<_> =
        (0..10_000).map(|id| json!({"kty": "OKP", "crv": "Ed25519", "x": pair["x"], "kid": id.to_string()})).collect();
    let of = |keys: &[Value]| json!({"keys": keys}).to_string();
    let no_sets = ["", "<html></html>", "[]", "{", "null"].map(|text| (text.to_owned(), "no JSON Web Key Set"));
    let unusable =
        [vec![], vec![symmetric], vec![other_use], vec![weak]].map(|keys| (of(&keys), "no key in the set can be used"));
    let doubled = (of(&[pair.clone(), pair]), "two keys of the set have one kid");
    let large = [(of(&many[..101]), "more than 100 keys"), (of(&many), "more than 256 KiB")];
    no_sets.into_iter().chain(unusable).chain([doubled]).chain(large).collect()
}

#[tokio::test]
async fn a_set_that_cannot_be_used_is_refused_and_the_last_good_one_kept() {
    let pair = Pair::new(Algorithm::EdDSA, "bueno");
    let known = authenticator(&[&pair.public]).unwrap();
    for (set, why) in useless_sets() {
        let told = known.take_set(set.as_bytes()).unwrap_err().to_string();
        assert!(told.contains(why), "{told}: {}", &set[..set.len().min(80)]);
        assert_eq!(status(&known, &pair.token(&json!({"kid": "bueno"}))).await, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_set_is_read_when_a_token_names_its_key_once_a_minute() {
    let (old, new) = (Pair::new(Algorithm::EdDSA, "vieja"), Pair::new(Algorithm::EdDSA, "nueva"));
    let file = file_of(&json!({"keys": [old.public]}).to_string());
    let known = Authenticator::new(&settings(&[("JWKS_URL", &format!("file:{}", file.path().display()))])).unwrap();
    std::fs::write(file.path(), json!({"keys": [new.public]}).to_string()).unwrap();
    let token = new.token(&json!({"kid": "nueva"}));
    assert_eq!(status(&known, &token).await, 401);
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(status(&known, &token).await, 401);
    wait_for(&known, &token).await;
    // A broken file changes nothing.
    std::fs::write(file.path(), "{").unwrap();
    tokio::time::sleep(Duration::from_secs(900)).await;
    assert_eq!(status(&known, &token).await, 200);
    assert_eq!(status(&known, &old.token(&json!({"kid": "vieja"}))).await, 401);
}

/// Until the keys are read, which a thread does that knows no paused clock; fails when a minute has not been enough.
async fn wait_for(known: &Authenticator, token: &str) {
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        std::thread::sleep(Duration::from_millis(1));
        if status(known, token).await == 200 {
            return;
        }
    }
    panic!("the set was not read");
}

#[test]
fn keys_that_cannot_be_used_are_left_out() {
    let (pair, other) = (Pair::new(Algorithm::EdDSA, "uno").public, Pair::new(Algorithm::ES256, "dos").public);
    let unknown = json!({"kty": "XYZ", "kid": "tres"});
    let set = json!({"keys": [pair, other, unknown]}).to_string();
    assert_eq!(jwks::read(set.as_bytes()).unwrap().len(), 2);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for path in ["/nowhere/keys.json", "/dev/zero", "/"] {
        let error = Authenticator::new(&settings(&[("JWKS_URL", &format!("file:{path}"))])).unwrap_err();
        assert!(matches!(error, AuthError::Unreadable(_)), "{path}");
    }
}
