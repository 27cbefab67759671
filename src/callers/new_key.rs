//! Makes a new caller key, and adds its hash to a key file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::line::{self, LineError};
use super::scope::Scopes;
use crate::domain::AppName;

/// Random bytes of a key: nobody guesses them, so a plain hash of it is enough.
const KEY_BYTES: usize = 32;

/// Mode of a key file that is made: for the owner only.
const NEW_FILE_MODE: u32 = 0o600;

/// A caller key that was made now, and the line that lets it in. The key itself is kept nowhere.
#[derive(Debug)]
pub struct NewKey {
    /// What the caller presents.
    pub key: SecretString,
    line: String,
}

/// Why no key was made, or why its line was not added; the file is as it was then.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// Name, app or scopes make no line of a key file.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The system gives no random bytes.
    #[error("the system has no random bytes for a key")]
    Random,
    /// The file cannot be read or written.
    #[error("the key file {} cannot be written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl NewKey {
    /// Makes a key for this caller; without an app it is for the one called `default`, without scopes it has the usual ones.
    ///
    /// # Errors
    /// When the name is none, the app is none of `apps`, or the system has no random bytes.
    pub fn generate(
        name: &str,
        app: Option<&AppName>,
        scopes: Option<Scopes>,
        apps: &[AppName],
    ) -> Result<Self, NewKeyError> {
        let mut bytes = [0; KEY_BYTES];
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.secure_random.fill(&mut bytes).map_err(|_| NewKeyError::Random)?;
        let key = hex::encode(bytes);
        // A blank, or a sign that begins a comment, would make another line of it.
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(LineError::Name.into());
        }
        let mut line = format!("{name} {}", hex::encode(Sha256::digest(&key)));
        if let Some(app) = app {
            line.push_str(&format!(" app={app}"));
        }
        if let Some(scopes) = scopes {
            line.push_str(&format!(" scope={scopes}"));
        }
        line::parse(&line, apps)?;
        Ok(Self { key: key.into(), line })
    }

    /// Adds the line to the file, which is made when it is missing.
    ///
    /// The file is replaced as a whole, so no reader sees half of it. Its mode and owner are kept, and a link stays a link.
    ///
    /// # Errors
    /// When the file cannot be read or replaced.
    pub fn append_to(&self, path: &Path) -> Result<(), NewKeyError> {
        append(path, &self.line).map_err(|source| NewKeyError::File { path: path.to_owned(), source })
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        found => found?,
    };
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        // It would be replaced, and /dev/null be gone.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is something else than a file"));
    }
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let directory = File::open(directory.unwrap_or(Path::new(".")))?;
    // Two commands at once must not lose each other's line.
    directory.lock()?;
    let (mut text, metadata) = match fs::read_to_string(&path) {
        Ok(text) => (text, Some(fs::metadata(&path)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (String::new(), None),
        Err(error) => return Err(error),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    let mut partial = path.clone().into_os_string();
    partial.push(".new");
    let partial = PathBuf::from(partial);
    let replaced = (|| {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(NEW_FILE_MODE).open(&partial)?;
        if let Some(metadata) = metadata {
            let made = file.metadata()?;
            if (made.uid(), made.gid()) != (metadata.uid(), metadata.gid()) {
                std::os::unix::fs::fchown(&file, Some(metadata.uid()), Some(metadata.gid()))?;
            }
            file.set_permissions(fs::Permissions::from_mode(metadata.mode() & 0o7777))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, &path)?;
        directory.sync_all()
    })();
    if replaced.is_err() {
        // It is incomplete, and named so.
        let _ = fs::remove_file(&partial);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callers::CallerKeys;
    use secrecy::ExposeSecret as _;
    use test_case::test_case;

    fn apps() -> Vec<AppName> {
        vec![AppName::default(), "oa".parse().unwrap()]
    }

    fn caller_of(key: &NewKey, path: &Path) -> String {
        let keys = CallerKeys::parse(&fs::read_to_string(path).unwrap(), path, &apps()).unwrap();
        format!("{:?}", keys.find(key.key.expose_secret()).unwrap())
    }

    #[test]
    fn a_new_key_is_let_in_with_what_it_was_made_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys");
        let plain = NewKey::generate("erp", None, None, &apps()).unwrap();
        plain.append_to(&path).unwrap();
        let scopes = Scopes::parse("read");
        let reader = NewKey::generate("report", Some(&apps()[1]), scopes, &apps()).unwrap();
        reader.append_to(&path).unwrap();
        assert_eq!(caller_of(&plain, &path), "erp app=default scope=read,write");
        assert_eq!(caller_of(&reader, &path), "report app=oa scope=read");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, NEW_FILE_MODE);
    }

    #[test_case("old 00", "old 00\n"; "a last line without its end is ended first")]
    #[test_case("# comment\n\n", "# comment\n\n"; "what was there stays")]
    fn the_line_comes_behind_what_is_there(before: &str, kept: &str) {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("keys"), directory.path().join("link"));
        fs::write(&path, before).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let key = NewKey::generate("erp", None, None, &apps()).unwrap();
        key.append_to(&link).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{kept}{}\n", key.line));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn what_is_no_file_is_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let key = NewKey::generate("erp", None, None, &apps()).unwrap();
        let refused = key.append_to(&path).unwrap_err();
        assert!(
            matches!(&refused, NewKeyError::File { source, .. } if source.kind() == io::ErrorKind::InvalidInput),
            "{refused:?}"
        );
        assert!(!fs::metadata(&path).unwrap().is_file());
    }

    #[test]
    fn commands_at_the_same_time_lose_no_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys");
        let add = || NewKey::generate("erp", None, None, &apps()).unwrap().append_to(&path).unwrap();
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(add))));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 8);
    }

    #[test_case("", None => matches Err(NewKeyError::Line(LineError::Name)); "no name")]
    #[test_case("two words", None => matches Err(NewKeyError::Line(LineError::Name)); "a name of two words")]
    #[test_case("#erp", None => matches Err(NewKeyError::Line(LineError::Name)); "a comment")]
    #[test_case("erp", Some("nowhere") => matches Err(NewKeyError::Line(LineError::App { .. })); "an unknown app")]
    fn what_makes_no_line_is_refused(name: &str, app: Option<&str>) -> Result<NewKey, NewKeyError> {
        NewKey::generate(name, app.map(|app| app.parse().unwrap()).as_ref(), None, &apps())
    }
}
