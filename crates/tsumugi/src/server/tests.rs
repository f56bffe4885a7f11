use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn served(limits: Limits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let large = get(|| async { vec![0_u8; 32 * 1024 * 1024] });
    let router = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/large", large)
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(150)).await;
                "late"
            }),
        );
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async { drop(stopped.await) };
    let ended = tokio::spawn(serve(listener, router, limits, until));
    Served {
        address,
        stop,
        ended,
    }
}

async fn ask(stream: &mut TcpStream, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_the_place_is_given_back() {
    let served = served(Limits::new(1)).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    // Its place is taken once it is seen to be served.
    first
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(first.read(&mut [0; 512]).await.unwrap() > 0);
    let mut second = TcpStream::connect(served.address).await.unwrap();
    let mut told = String::new();
    second.read_to_string(&mut told).await.unwrap();
    assert!(
        told.starts_with("HTTP/1.1 503") && told.contains("Retry-After"),
        "{told}"
    );
    drop(first);
    let mut tries = 0;
    loop {
        let mut third = TcpStream::connect(served.address).await.unwrap();
        if ask(&mut third, "/").await.ends_with("here") {
            break;
        }
        tries += 1;
        assert!(tries < 100, "the place was not given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_under_way_is_answered_before_the_end() {
    let served = served(Limits::new(8)).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let asked = tokio::spawn(async move { ask(&mut stream, "/slow").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    served.stop.send(()).unwrap();
    assert!(asked.await.unwrap().ends_with("late"));
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_sends_a_head_byte_by_byte_and_who_takes_no_answer_is_cut_off() {
    let brief = Duration::from_millis(200);
    let served = served(Limits {
        head: brief,
        takes_nothing: brief,
        ..Limits::new(8)
    })
    .await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    let drip = async {
        // A byte every ten milliseconds would last far beyond the time for a head.
        for byte in
            b"GET / HTTP/1.1\r\nhost: slow\r\nx-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                .iter()
                .cycle()
        {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), drip)
        .await
        .unwrap();
    let mut deaf = TcpStream::connect(served.address).await.unwrap();
    deaf.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(5 * brief).await;
    let mut got = 0;
    let mut buffer = vec![0; 1024 * 1024];
    while let Ok(bytes @ 1..) = deaf.read(&mut buffer).await {
        got += bytes;
    }
    assert!(
        got < 32 * 1024 * 1024,
        "the connection was cut before the end"
    );
}

/// The list of limits names each by file and constant; both are there.
#[test]
fn every_limit_of_the_list_stands_where_it_says() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let list = std::fs::read_to_string(root.join("docs/operate/limits.md")).unwrap();
    let mut seen = 0;
    for line in list
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("`crates/"))
    {
        let mut named = line.rsplit('`').skip(1);
        let (name, path) = (named.next().unwrap(), named.nth(1).unwrap());
        let source = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(source.contains(name), "{name} in {path}");
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
}
