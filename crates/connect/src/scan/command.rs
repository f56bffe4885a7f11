//! A program: the file on its standard input, its answer as its exit code, as `clamdscan` and others have it.

use super::LONGEST_FILE;
use engine::scan::{ScanFault, Scanner, Scanning, Verdict};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

/// Nothing was found.
const HARMLESS: i32 = 0;
/// Something was found.
const FOUND: i32 = 1;
/// What stands on its standard output is to be kept instead.
const CLEANED: i32 = 3;
/// How often it is looked whether the program has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A program that is started for each file.
pub(super) struct Command {
    program: PathBuf,
    patience: Duration,
}

impl Command {
    pub(super) fn new(program: PathBuf, patience: Duration) -> Self {
        Self { program, patience }
    }
}

impl Scanner for Command {
    fn scan<'a>(&'a self, media_type: &'a str, content: &'a [u8]) -> Scanning<'a> {
        let (program, patience) = (self.program.clone(), self.patience);
        let (media_type, content) = (media_type.to_owned(), content.to_vec());
        Box::pin(async move {
            let asked =
                tokio::task::spawn_blocking(move || ask(&program, patience, &media_type, content));
            asked
                .await
                .unwrap_or_else(|_| Err(away("ファイルの確認が途中で終わりました")))
        })
    }
}

fn away(said: &str) -> ScanFault {
    ScanFault(said.to_owned())
}

fn ask(
    program: &PathBuf,
    patience: Duration,
    media_type: &str,
    content: Vec<u8>,
) -> Result<Verdict, ScanFault> {
    // No shell, no name of the file, no settings and secrets of this process.
    let started = std::process::Command::new(program)
        .env_clear()
        .env("MEDIA_TYPE", media_type)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|_| away("ファイルの確認のプログラムを動かせません"))?;
    let (given, told) = (child.stdin.take(), child.stdout.take());
    // A program that answers without reading all breaks the pipe: its code says why it ended.
    let giving = std::thread::spawn(move || given.map(|mut pipe| pipe.write_all(&content)));
    let telling = std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = told.map(|pipe| pipe.take(LONGEST_FILE).read_to_end(&mut said));
        read.and_then(Result::ok).map(|_| said)
    });
    let code = ended(&mut child, patience);
    drop(giving.join());
    let said = telling.join().ok().flatten().unwrap_or_default();
    match code {
        Some(HARMLESS) => Ok(Verdict::Harmless),
        Some(FOUND) => Ok(Verdict::Refused),
        Some(CLEANED) => Ok(Verdict::Cleaned(said)),
        Some(code) => Err(away(&format!(
            "ファイルの確認のプログラムが {code} で終わりました"
        ))),
        None => Err(away("ファイルの確認のプログラムが答えません")),
    }
}

/// The code with which it ended; none where it was ended, by us or by another.
fn ended(child: &mut Child, patience: Duration) -> Option<i32> {
    let mut waited = Duration::ZERO;
    while waited < patience {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) => {}
            Err(_) => break,
        }
        std::thread::sleep(LOOK);
        waited += LOOK;
    }
    // It may have ended just now; either way nothing of it stays.
    drop(child.kill());
    drop(child.wait());
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    async fn said(script: &str, content: &[u8]) -> Result<Verdict, ScanFault> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("scan");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let scanner = Command::new(program, Duration::from_millis(400));
        scanner.scan("image/png", content).await
    }

    #[tokio::test]
    async fn its_code_is_its_answer() {
        let large = vec![b'a'; 1 << 20];
        assert_eq!(
            said("cat >/dev/null; exit 0", &large).await,
            Ok(Verdict::Harmless)
        );
        assert_eq!(
            said("/bin/grep -q EICAR && exit 1; exit 0", b"..EICAR..").await,
            Ok(Verdict::Refused)
        );
        assert_eq!(
            said("exit 1", &large).await,
            Ok(Verdict::Refused),
            "it need not read all"
        );
        let cleaned = said("/usr/bin/tr a b; exit 3", b"aXa").await;
        assert_eq!(cleaned, Ok(Verdict::Cleaned(b"bXb".to_vec())));
        assert_eq!(
            said(
                "test \"$MEDIA_TYPE\" = image/png && test -z \"$HOME\"",
                b"x"
            )
            .await,
            Ok(Verdict::Harmless)
        );
    }

    #[tokio::test]
    async fn whatever_else_it_does_is_a_fault_and_no_answer() {
        assert!(said("exit 2", b"x").await.is_err());
        assert!(said("kill -9 $$", b"x").await.is_err());
        assert!(
            said("exec /bin/sleep 30", b"x").await.is_err(),
            "it is ended"
        );
        let gone = Command::new("/nowhere/scan".into(), Duration::from_secs(1));
        assert!(gone.scan("image/png", b"x").await.is_err());
    }
}
