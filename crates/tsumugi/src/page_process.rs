//! Pages of strangers' PDF files are drawn in a process of its own: this very program, started anew for each file, with
//! bounds on time and memory. A file that asks for more, or breaks the library that reads it, ends that process alone.

use document::PdfPages;
use engine::{PageFault, PageList, PageMaker};
use rustix::process::{Resource, Rlimit, nice, setrlimit};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// Name of the hidden command.
pub(crate) const COMMAND: &str = "pdf-page";
/// Seconds of a processor that one file may take.
const MOST_SECONDS: u64 = 10;
/// Bytes of memory that one file may take.
const MOST_BYTES: u64 = 1 << 30;
/// A file is never longer: uploads are bounded well below.
const LONGEST_FILE: u64 = 64 << 20;
/// How the drawing process says that the file is at fault; which fault, it writes.
const FAULTY: u8 = 3;
/// Answering comes before drawing.
const YIELDING: i32 = 5;
/// On a machine so busy that a page takes this long, its asker is told to come again.
const LONGEST: Duration = Duration::from_secs(30);
/// How the drawing process says so.
const TOO_LATE: i32 = 4;

/// Draws pages in a process apart.
pub(crate) struct Apart {
    program: PathBuf,
    fonts: PathBuf,
}

impl Apart {
    /// With the program to start and the folder of fonts.
    pub(crate) fn new(program: PathBuf, fonts: PathBuf) -> Self {
        Self { program, fonts }
    }

    fn ask(&self, pdf: &[u8], what: &[String]) -> Result<Vec<u8>, PageFault> {
        let unavailable = |error: std::io::Error| PageFault::Unavailable(error.to_string());
        // It is given nothing but the file: no settings, no secrets of this process.
        let mut drawing = Command::new(&self.program)
            .arg(COMMAND)
            .arg("--fonts")
            .arg(&self.fonts)
            .args(what)
            .env_clear()
            // The allocator takes a gigabyte of addresses at its start. They are not to count before they are used.
            .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(unavailable)?;
        if let Some(mut given) = drawing.stdin.take() {
            // It reads all before it writes. Where it has ended early, its status says why.
            let _ = given.write_all(pdf);
        }
        let told = drawing.wait_with_output().map_err(unavailable)?;
        match told.status.code() {
            Some(0) => Ok(told.stdout),
            Some(code) if code == i32::from(FAULTY) => {
                let fault = PageFault::of_code(&String::from_utf8_lossy(&told.stdout));
                Err(fault.unwrap_or(PageFault::Broken))
            }
            Some(code) => Err(PageFault::Unavailable(format!("it ended with {code}"))),
            // Ended by the system: too long, too large, or nested too deeply.
            None => Err(PageFault::TooHeavy),
        }
    }
}

impl PageMaker for Apart {
    fn pages(&self, pdf: Vec<u8>) -> Result<PageList, PageFault> {
        let told = self.ask(&pdf, &[])?;
        serde_json::from_slice(&told).map_err(|error| PageFault::Unavailable(error.to_string()))
    }

    fn picture(&self, pdf: Vec<u8>, page: u32, width_px: u32) -> Result<Vec<u8>, PageFault> {
        let which = [
            "--page",
            &page.to_string(),
            "--width",
            &width_px.to_string(),
        ];
        self.ask(&pdf, &which.map(str::to_owned))
    }
}

/// What the drawing process does: a file in, a list of its pages or the picture of one out.
///
/// # Errors
/// If it cannot be bounded, or nobody listens.
pub(crate) fn draw(fonts: &Path, picture: Option<(u32, u32)>) -> anyhow::Result<ExitCode> {
    bound()?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the drawing itself cannot be asked to stop, and this process has nothing to clear away"
    )]
    std::thread::spawn(|| {
        std::thread::sleep(LONGEST);
        std::process::exit(TOO_LATE);
    });
    let mut pdf = Vec::new();
    std::io::stdin().take(LONGEST_FILE).read_to_end(&mut pdf)?;
    let maker = PdfPages::new(fonts);
    let made = match picture {
        Some((page, width_px)) => maker.picture(pdf, page, width_px),
        None => maker
            .pages(pdf)
            .and_then(|list| serde_json::to_vec(&list).map_err(|_| PageFault::Broken)),
    };
    let mut out = std::io::stdout();
    match made {
        Ok(made) => {
            out.write_all(&made)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            out.write_all(fault.code().as_bytes())?;
            Ok(ExitCode::from(FAULTY))
        }
    }
}

/// From here on the system ends this process when it takes too much.
fn bound() -> anyhow::Result<()> {
    let most = |limit: u64| Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    };
    setrlimit(Resource::Cpu, most(MOST_SECONDS))?;
    setrlimit(Resource::Data, most(MOST_BYTES))?;
    setrlimit(Resource::Core, most(0))?;
    setrlimit(Resource::Fsize, most(0))?;
    nice(YIELDING)?;
    Ok(())
}
