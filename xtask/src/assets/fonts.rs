//! Fonts for letters: Noto Serif JP (npm, SIL Open Font License) for the text, IPAmj Mincho (Debian, IPA Font License)
//! for the rare characters of names. Together they have all of JIS X 0213 and CP932 but two brackets (⦅⦆).

use std::path::Path;

use anyhow::{Context, Result};

use super::hash;
use crate::{install, shell};

/// Below the folder of assets; the product reads every font in it.
const FOLDER: &str = "fonts";

const NOTO: &str = "@expo-google-fonts/noto-serif-jp@0.4.3";
const NOTO_TGZ: &str = "expo-google-fonts-noto-serif-jp-0.4.3.tgz";
const NOTO_TGZ_SHA256: &str = "4805f4369a831140d0c1a5650e90296cff2641ff202da43ef5272edc2e0866ee";
const IPAMJ: &str = "fonts-ipamj-mincho";

/// A font: its name here, where it lies in its package, its hash.
struct Font {
    name: &'static str,
    within: &'static str,
    sha256: &'static str,
}

const NOTO_FONTS: [Font; 2] = [
    Font {
        name: "NotoSerifJP_400Regular.ttf",
        within: "package/400Regular/NotoSerifJP_400Regular.ttf",
        sha256: "5a04846a0e23acefae825f2f459205036a166f5a63462019ce3492d07bd20e92",
    },
    Font {
        name: "NotoSerifJP_700Bold.ttf",
        within: "package/700Bold/NotoSerifJP_700Bold.ttf",
        sha256: "370341f60a5a33dff0dd66e9fb04ddb7523846d4800e4e2cd8fba0bf715d44ea",
    },
];
const IPAMJ_FONT: Font = Font {
    name: "ipamjm.ttf",
    within: "usr/share/fonts/truetype/ipamj/ipamjm.ttf",
    sha256: "75268aa9ac2d92080048196af08adee37f1c286cf4b7777ed5ac3722a8737f5f",
};

/// Puts the fonts into `fonts/`, unless the pinned ones are there already.
///
/// Errors: no network on a cold cache, no npm or apt, or other bytes than pinned.
pub(super) fn fetch(root: &Path, folder: &Path) -> Result<()> {
    let fonts = folder.join(FOLDER);
    std::fs::create_dir_all(&fonts)?;
    let missing = |font: &Font| !hash::matches(&fonts.join(font.name), font.sha256);
    if NOTO_FONTS.iter().any(missing) {
        noto(root, folder, &fonts).context("Noto Serif JP")?;
    }
    if missing(&IPAMJ_FONT) {
        ipamj(root, folder, &fonts).context("IPAmj Mincho")?;
    }
    println!("{FOLDER}: there and unchanged");
    Ok(())
}

fn noto(root: &Path, folder: &Path, fonts: &Path) -> Result<()> {
    install::ensure(root, &["npm"], || install::has(root, "npm"))?;
    let mut pack = shell::command(root, "npm");
    pack.args(["pack", "--silent", "--pack-destination"])
        .arg(folder)
        .arg(NOTO);
    shell::run(&mut pack)?;
    let archive = folder.join(NOTO_TGZ);
    hash::verify(&archive, NOTO_TGZ_SHA256)?;
    let mut unpack = shell::command(root, "tar");
    unpack.arg("xzf").arg(&archive).arg("-C").arg(folder);
    unpack.args(NOTO_FONTS.iter().map(|font| font.within));
    shell::run(&mut unpack)?;
    for font in &NOTO_FONTS {
        take(folder, fonts, font)?;
    }
    std::fs::remove_dir_all(folder.join("package"))?;
    Ok(std::fs::remove_file(archive)?)
}

fn ipamj(root: &Path, folder: &Path, fonts: &Path) -> Result<()> {
    let unpacked = folder.join("ipamj");
    std::fs::create_dir_all(&unpacked)?;
    // The package's files alone: nothing is installed on the machine.
    let mut download = shell::command(root, "apt-get");
    download
        .args(["download", "-qq", IPAMJ])
        .current_dir(&unpacked);
    shell::run(&mut download)?;
    let mut unpack = shell::command(root, "sh");
    unpack
        .args(["-c", "dpkg-deb -x fonts-ipamj-mincho_*.deb ."])
        .current_dir(&unpacked);
    shell::run(&mut unpack)?;
    take(&unpacked, fonts, &IPAMJ_FONT)?;
    Ok(std::fs::remove_dir_all(unpacked)?)
}

fn take(from: &Path, fonts: &Path, font: &Font) -> Result<()> {
    let unpacked = from.join(font.within);
    hash::verify(&unpacked, font.sha256)?;
    std::fs::rename(unpacked, fonts.join(font.name))?;
    println!("{FOLDER}: {}", font.name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pins_are_whole_hashes() {
        let fonts = NOTO_FONTS.iter().chain([&IPAMJ_FONT]);
        for pin in fonts.map(|font| font.sha256).chain([NOTO_TGZ_SHA256]) {
            assert_eq!(pin.len(), 64);
            assert!(
                pin.bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
            );
        }
    }
}
