//! The Python extension module `yspay._yspay`, on which the package in `bindings/python` stands: texts come in, the
//! JSON of `include/yspay.h` goes out. Other Python threads run while the engine works.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{process, thread};

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyOverflowError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use zeroize::Zeroizing;

use super::guard::caught;
use super::{handle, making, python_exit};
use crate::cancel::CancelToken as Token;
use crate::client::{Client as Engine, QueryOptions};
use crate::config::Environment;
use crate::error::{Code, Error};
use crate::given_path;
use crate::log::{self, Level};
use crate::signal::lock;

/// How long Python's main thread waits before it looks for signals again: Ctrl-C may wait so long.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// A handle of a client.
#[pyclass(frozen, module = "yspay._yspay")]
struct Client(usize);

#[pymethods]
impl Client {
    /// `environment` has the variables of `os.environ`, which is Python's own: nobody moves it while it is read.
    #[new]
    #[pyo3(signature = (config_json, environment=None))]
    fn new(
        py: Python<'_>,
        config_json: &Bound<'_, PyString>,
        environment: Option<HashMap<String, String>>,
    ) -> PyResult<Self> {
        let config = Zeroizing::new(text(config_json, "config_json")?);
        let environment = environment.map(|mut variables| Environment::read(&config, |name| variables.remove(name)));
        engine(py, || making::new_client(|| Engine::from_json_in(&config, environment.as_ref()))).map(Client)
    }

    /// The JSON of an answer. On Python's main thread, signal handlers run while it waits, and `tell(level, message)` is
    /// called with each message as it comes; elsewhere that is None.
    fn query_sign_sts(
        &self,
        py: Python<'_>,
        sys_sign_flow_id: &Bound<'_, PyString>,
        timeout: Option<Seconds>,
        cancel: Option<&Bound<'_, CancelToken>>,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let client = self.live()?;
        let flow_id = text(sys_sign_flow_id, "sys_sign_flow_id")?;
        let timeout = duration(timeout).map_err(|error| exception(&error))?;
        let cancel = cancel.map(|token| token.get().live()).transpose()?;
        if let Some(tell) = tell {
            return interruptibly(py, client, flow_id, timeout, cancel, &tell);
        }
        let options = QueryOptions { timeout, cancel };
        engine(py, || client.query_sign_sts_with(&flow_id, &options).map(|answer| answer.to_json()))
    }

    /// The body to post.
    #[pyo3(signature = (sys_sign_flow_id, req_flow_id))]
    fn build_request<'py>(
        &self,
        py: Python<'py>,
        sys_sign_flow_id: &Bound<'py, PyString>,
        req_flow_id: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let client = self.live()?;
        let flow_id = text(sys_sign_flow_id, "sys_sign_flow_id")?;
        let req_flow_id = req_flow_id.map(|given| text(given, "req_flow_id")).transpose()?;
        let body = engine(py, || client.build_request(&flow_id, req_flow_id.as_deref()))?;
        Ok(PyBytes::new(py, body.as_bytes()))
    }

    /// The JSON of the answer in `body`.
    fn verify_response(
        &self,
        py: Python<'_>,
        sys_sign_flow_id: &Bound<'_, PyString>,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<String> {
        let client = self.live()?;
        let flow_id = text(sys_sign_flow_id, "sys_sign_flow_id")?;
        let body = body.as_bytes();
        engine(py, || client.verify_response(&flow_id, body).map(|verified| verified.to_json()))
    }

    /// The JSON of the description.
    fn describe(&self) -> PyResult<String> {
        Ok(self.live()?.describe().to_json())
    }

    /// The time for one whole call in seconds: as given, or as configured.
    fn time_limit(&self, timeout: Option<Seconds>) -> PyResult<f64> {
        let client = self.live()?;
        let limit = duration(timeout).and_then(|given| client.time_limit(given));
        limit.map(|limit| limit.as_secs_f64()).map_err(|error| exception(&error))
    }

    /// Calls under way go on; later ones are refused. A second time changes nothing.
    fn close(&self, py: Python<'_>) {
        python_exit::detached(py, || handle::remove_client(self.0));
    }

    #[getter]
    fn closed(&self) -> bool {
        handle::client(self.0).is_err()
    }
}

impl Client {
    fn live(&self) -> PyResult<Arc<Engine>> {
        handle::client(self.0).map_err(|error| {
            exception(&Error::new(error.code, "The client is closed. Make another one, or close it later."))
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        handle::remove_client(self.0);
    }
}

/// A handle of a cancel token.
#[pyclass(frozen, module = "yspay._yspay")]
struct CancelToken(usize);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        CancelToken(handle::add_cancel(Token::new()))
    }

    fn trigger(&self, py: Python<'_>) -> PyResult<()> {
        let token = self.live()?;
        python_exit::detached(py, || token.trigger());
        Ok(())
    }

    #[getter]
    fn is_triggered(&self) -> PyResult<bool> {
        Ok(self.live()?.is_triggered())
    }
}

impl CancelToken {
    fn live(&self) -> PyResult<Token> {
        handle::cancel(self.0).map_err(|error| exception(&error))
    }
}

impl Drop for CancelToken {
    fn drop(&mut self) {
        handle::remove_cancel(self.0);
    }
}

/// Has each message of this level or a more important one kept for `take_log`; 0 turns that off.
#[pyfunction]
fn set_log(level: i32) {
    let least = match level {
        ..=0 => return log::set_sink(None, Level::Error),
        1 => Level::Error,
        2 => Level::Warn,
        3 => Level::Info,
        4 => Level::Debug,
        5.. => Level::Trace,
    };
    log::set_sink(Some(Arc::new(keep)), least);
}

/// The messages of this thread's calls, in their order; each is handed over once. Python writes them when the engine's
/// call is over: an interpreter that exits ends other threads where they come back to Python code, by unwinding, which
/// Rust's frames do not let pass.
#[pyfunction]
fn take_log() -> Vec<(i32, String)> {
    TOLD.take()
}

/// Reports a mistake in a handler of the log, as those in destructors are.
#[pyfunction]
fn report(py: Python<'_>, mistake: Bound<'_, PyAny>) {
    PyErr::from_value(mistake).write_unraisable(py, None);
}

/// To be called at the interpreter's exit: from then on no other thread comes back out of a call.
#[pyfunction]
fn end(py: Python<'_>) {
    python_exit::end(py);
}

/// A path as messages show it, or what the text looks like when it is no path: it may be a secret.
#[pyfunction]
fn path_label(path: &Bound<'_, PyString>) -> PyResult<String> {
    let path = Zeroizing::new(text(path, "path")?);
    Ok(given_path::label(Path::new(path.as_str())))
}

#[pymodule]
fn _yspay(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Client>()?;
    module.add_class::<CancelToken>()?;
    module.add("Failure", module.py().get_type::<Failure>())?;
    module.add_function(wrap_pyfunction!(end, module)?)?;
    module.add_function(wrap_pyfunction!(path_label, module)?)?;
    module.add_function(wrap_pyfunction!(set_log, module)?)?;
    module.add_function(wrap_pyfunction!(take_log, module)?)?;
    module.add_function(wrap_pyfunction!(report, module)?)
}

/// What the thread of an interruptible call says to the main thread that waits for it.
enum Event {
    Log(Level, String),
    Done(Result<String, Error>),
}

thread_local! {
    /// The main thread that waits for this one; it is also the one that logs.
    static WAITING: RefCell<Option<Sender<Event>>> = const { RefCell::new(None) };
    /// What this thread's calls said and nobody has taken yet.
    static TOLD: RefCell<Vec<(i32, String)>> = const { RefCell::new(Vec::new()) };
}

/// A call of Python's main thread, which alone may run signal handlers: so another thread makes the call, and this one
/// waits. Whatever a handler raises cancels the call.
fn interruptibly(
    py: Python<'_>,
    client: Arc<Engine>,
    flow_id: String,
    timeout: Option<Duration>,
    cancel: Option<Token>,
    tell: &Py<PyAny>,
) -> PyResult<String> {
    // One of its own, for the caller's may serve other calls as well.
    let token = Token::new();
    if cancel.as_ref().is_some_and(Token::is_triggered) {
        token.trigger();
    }
    let options = QueryOptions { timeout, cancel: Some(token.clone()) };
    let (sender, events) = mpsc::channel();
    let work = move || {
        WAITING.set(Some(sender.clone()));
        let outcome = caught(|| client.query_sign_sts_with(&flow_id, &options).map(|answer| answer.to_json()));
        WAITING.set(None);
        // A send can only fail when the main thread is gone, and the process with it.
        let _ = sender.send(Event::Done(outcome));
    };
    thread::Builder::new().name("yspay-call".into()).spawn(work).map_err(|error| {
        exception(&Error::new(Code::Internal, format!("The operating system gives no thread: {error}.")))
    })?;
    // A receiver belongs to one thread; the lock only tells the compiler so.
    let events = Mutex::new(events);
    let process = process::id();
    let mut stop = None;
    loop {
        match python_exit::detached(py, || lock(&events).recv_timeout(SIGNAL_CHECK)) {
            Ok(Event::Done(outcome)) => {
                return match stop {
                    Some(stop) => Err(stop),
                    None => outcome.map_err(|error| exception(&error)),
                };
            }
            Ok(Event::Log(level, message)) => stop = stop.or_else(|| call(py, tell, level, &message)),
            Err(RecvTimeoutError::Timeout) => {}
            // Its thread cannot end without an outcome, for `caught` holds every panic.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(exception(&Error::new(Code::Internal, "The thread of the call is gone.")));
            }
        }
        if stop.is_none() {
            stop = py.check_signals().err();
        }
        // A signal handler, or a handler of the log, forked: the thread of the call is the parent's.
        if process::id() != process {
            return Err(stop.unwrap_or_else(|| exception(&stayed_behind())));
        }
        if stop.is_some() || cancel.as_ref().is_some_and(Token::is_triggered) {
            token.trigger();
        }
    }
}

fn stayed_behind() -> Error {
    let message = "This process was forked in the middle of the call, which went on in the parent. Ask again.";
    Error { sent: true, ..Error::new(Code::Cancelled, message) }
}

/// Runs `work` while other Python threads run.
fn engine<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> Result<T, Error>) -> PyResult<T> {
    python_exit::detached(py, || caught(work)).map_err(|error| exception(&error))
}

/// Keeps a message for Python, or hands it to the main thread if that waits for this one.
fn keep(level: Level, message: &str) {
    let event = || Event::Log(level, message.to_owned());
    let passed_on = WAITING.with_borrow(|main| main.as_ref().is_some_and(|main| main.send(event()).is_ok()));
    if !passed_on {
        TOLD.with_borrow_mut(|told| told.push((level as i32, message.to_owned())));
    }
}

/// Writes a message, on Python's main thread, which no exit of the interpreter ends. A mistake in it is reported and costs
/// no call; what wants to end the program comes back.
fn call(py: Python<'_>, callback: &Py<PyAny>, level: Level, message: &str) -> Option<PyErr> {
    let error = callback.call1(py, (level as i32, message)).err()?;
    if !error.is_instance_of::<PyException>(py) {
        return Some(error);
    }
    error.write_unraisable(py, Some(callback.bind(py)));
    None
}

create_exception!(yspay._yspay, Failure, PyException, "An error, as its JSON; the package raises one of its classes.");

/// The exception for an error. No Python code runs for it: an interpreter that exits might end the thread there, see
/// `take_log`.
fn exception(error: &Error) -> PyErr {
    Failure::new_err(error.to_json())
}

/// A Python string that UTF-8 can hold.
fn text(value: &Bound<'_, PyString>, name: &str) -> PyResult<String> {
    value.to_cow().map(|text| text.into_owned()).map_err(|_| {
        let message = format!("{name} holds half of a surrogate pair, which no UTF-8 text can. Pass clean text.");
        exception(&Error::new(Code::InvalidArgument, message))
    })
}

/// Seconds, of whatever Python takes for a float.
struct Seconds(f64);

impl<'py> FromPyObject<'_, 'py> for Seconds {
    type Error = PyErr;

    fn extract(seconds: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match seconds.extract::<f64>() {
            // A whole number without end: out of range like infinity.
            Err(error) if error.is_instance_of::<PyOverflowError>(seconds.py()) => Ok(Seconds(f64::INFINITY)),
            other => other.map(Seconds),
        }
    }
}

/// Seconds as a time span; whether it is in range, the engine says.
fn duration(seconds: Option<Seconds>) -> Result<Option<Duration>, Error> {
    seconds
        .map(|Seconds(seconds)| Duration::try_from_secs_f64(seconds))
        .transpose()
        .map_err(|_| Error::new(Code::InvalidArgument, "timeout must be a number of seconds from 0.001 to 3600."))
}
