//! TLS to the database: what each `sslmode` asks of the server's certificate.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{create, derived, options, private};
use store::{Database, PostgresStore};

async fn open(url: &str) -> Result<PostgresStore, String> {
    let opened = PostgresStore::open(Database::new(url), options(1)).await;
    opened.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_asks_of_the_certificate_what_it_says() {
    // The server takes nothing over the network but TLS.
    let Some(url) = private::start(&[("TSUMUGI_TEST_TLS", "1")]) else {
        return;
    };
    let (host, root) = ("host=localhost", "sslrootcert=");
    let (nameless, rootless) = (
        url.replace(host, "host=127.0.0.1"),
        url.replace(root, "application_name="),
    );
    let works = [
        format!("{url} sslmode=verify-full"),
        format!("{nameless} sslmode=verify-ca"),
        format!("{nameless} sslmode=require"),
        format!("{rootless} sslmode=require"),
        rootless.clone(),
    ];
    for url in works {
        let store = open(&url)
            .await
            .unwrap_or_else(|why| panic!("{url}: {why}"));
        create(&store, 1, derived(&["all"], "", vec![])).await;
    }
    let refused = [
        (
            format!("{nameless} sslmode=verify-full"),
            "not valid for name",
        ),
        (
            format!("{rootless} sslmode=verify-full sslrootcert=system"),
            "",
        ),
        (format!("{url} sslmode=disable"), "no encryption"),
        (
            format!("{rootless} sslmode=verify-full sslrootcert=/nowhere.pem"),
            "sslrootcert",
        ),
    ];
    for (url, why) in refused {
        let said = open(&url).await.err().unwrap_or_else(|| panic!("{url}"));
        assert!(said.contains(why), "{url}: {said}");
    }
}
