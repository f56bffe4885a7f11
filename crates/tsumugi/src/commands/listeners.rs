//! Where `serve` listens: one listener for everybody, or one for each network.

use crate::{Running, server};
use anyhow::{Context as _, Result, bail};
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::Face;

/// Where everybody is answered unless something else is said.
const DEFAULT: &str = "127.0.0.1:8080";

/// Options that say where to listen.
#[derive(clap::Args)]
pub(super) struct ListenOptions {
    /// 待ち受けるアドレス（都民の画面も職員の画面も同じ所）。何も書かなければ 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS", env = "TSUMUGI_LISTEN", conflicts_with_all = ["public", "staff"])]
    listen: Option<String>,
    /// 都民の画面とAPIだけを待ち受けるアドレス（インターネットの側）。職員の画面はここにはない
    #[arg(long, value_name = "ADDRESS", env = "TSUMUGI_PUBLIC")]
    public: Option<String>,
    /// 職員の画面とAPIだけを待ち受けるアドレス（庁内の網の側）
    #[arg(long, value_name = "ADDRESS", env = "TSUMUGI_STAFF")]
    staff: Option<String>,
    /// 稼働の確認と数だけを待ち受けるアドレス（監視の側）
    #[arg(long, value_name = "ADDRESS", env = "TSUMUGI_OPERATIONS")]
    operations: Option<String>,
    /// 都民から見たこのサイトのアドレス（文書の二次元コードとお知らせに入る）。なければ待ち受けるアドレス
    #[arg(long, value_name = "URL", env = "TSUMUGI_PUBLIC_URL")]
    public_url: Option<String>,
    /// 職員から見たアドレス。なければ、職員の側で待ち受けるアドレス
    #[arg(long, value_name = "URL", env = "TSUMUGI_STAFF_URL")]
    staff_url: Option<String>,
}

/// One open listener.
struct One {
    face: Face,
    listener: TcpListener,
    address: SocketAddr,
}

/// Open listeners, and the addresses by which people reach them.
pub(super) struct Listeners {
    all: Vec<One>,
    /// Where the public reaches us.
    pub(super) public_url: String,
    /// Where officials do.
    pub(super) staff_url: String,
}

impl ListenOptions {
    /// Opens them.
    ///
    /// # Errors
    /// An address that cannot be listened at; officials alone, where nobody says how the public reaches us.
    pub(super) async fn open(self) -> Result<Listeners> {
        let whole = match (&self.public, &self.staff) {
            (None, None) => Some(self.listen.unwrap_or_else(|| DEFAULT.to_owned())),
            _ => None,
        };
        let wanted = [
            (Face::Whole, whole),
            (Face::Public, self.public),
            (Face::Staff, self.staff),
            (Face::Operations, self.operations),
        ];
        let mut all = Vec::new();
        for (face, address) in wanted {
            if let Some(address) = address {
                all.push(One::open(face, &address).await?);
            }
        }
        let at = |wanted: &[Face]| {
            let found = all.iter().find(|one| wanted.contains(&one.face));
            found.map(|one| format!("http://{}", one.address))
        };
        let Some(public_url) = self.public_url.or_else(|| at(&[Face::Whole, Face::Public])) else {
            bail!(
                "職員の側だけを動かすときは、--public-url に都民から見たアドレスを書いてください。文書の二次元コードと、都民へのお知らせに入ります。"
            );
        };
        let staff_url = self.staff_url.or_else(|| at(&[Face::Staff]));
        Ok(Listeners {
            staff_url: staff_url.unwrap_or_else(|| public_url.clone()),
            public_url,
            all,
        })
    }
}

impl One {
    async fn open(face: Face, address: &str) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} で待ち受けられません"))?;
        Ok(Self {
            face,
            address: listener.local_addr()?,
            listener,
        })
    }
}

impl Listeners {
    /// Whether cookies of a face are marked `Secure`: everywhere but on this machine itself, and wherever people come by
    /// TLS. Behind a proxy on the same machine the way to people is TLS all the same.
    fn secure(&self, face: Face) -> bool {
        let url = match face {
            Face::Staff => &self.staff_url,
            Face::Whole | Face::Public | Face::Operations => &self.public_url,
        };
        let outside = |one: &One| one.face == face && !one.address.ip().is_loopback();
        url.starts_with("https://") || self.all.iter().any(outside)
    }

    /// Whether cookies of what is served first are.
    pub(super) fn secure_cookies(&self) -> bool {
        self.all.iter().any(|one| self.secure(one.face))
    }

    /// What is told at the start: names and addresses.
    pub(super) fn told(&self) -> impl Iterator<Item = (String, SocketAddr)> {
        let title = |face: Face| face.title().map(|title| format!("（{title}）"));
        let all = self.all.iter();
        all.map(move |one| (title(one.face).unwrap_or_default(), one.address))
    }

    /// Serves each until `stop` is ready. Connections are counted for each listener by itself, so that those of one never
    /// take the last of another.
    pub(super) fn serve<S: Future<Output = ()> + Send + 'static>(
        self,
        running: &Running,
        (connections, behind): (usize, &[server::Network]),
        stop: impl Fn() -> S,
    ) -> Vec<JoinHandle<std::io::Result<()>>> {
        let many = self.all.len().max(1);
        let each = server::connections(connections.saturating_mul(many)) / many;
        let routers: Vec<_> = self
            .all
            .iter()
            .map(|one| match one.face {
                Face::Whole => running.router.clone(),
                face => running.face(face, &self.staff_url, self.secure(face)),
            })
            .collect();
        let served = self.all.into_iter().zip(routers).map(|(one, router)| {
            let router = server::behind(router, behind.to_vec());
            let limits = server::Limits::new(each);
            tokio::spawn(server::serve(one.listener, router, limits, stop()))
        });
        served.collect()
    }
}
