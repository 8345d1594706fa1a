//! A stream whose reader has to take what is sent at a least pace: an answer is in memory until it is read.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes that a reader takes within the limit at least, as long as more waits for it.
const LEAST: usize = 16 * 1024;

/// A stream that ends with an error when its reader takes less than 16 KB within a limit of time although more waits.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    stream: S,
    limit: Duration,
    /// The end of the time that runs; it does only while something waits.
    end: Pin<Box<Sleep>>,
    waits: bool,
    taken: usize,
}

impl<S: Unpin> Paced<S> {
    /// A stream under a limit; to be made where timers run.
    pub(crate) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, end: Box::pin(sleep(limit)), waits: false, taken: 0 }
    }

    /// What a write came to, or that the reader is too slow.
    fn judged(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => {
                self.taken += bytes;
                self.waits &= self.taken < LEAST;
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if !self.waits {
                    (self.waits, self.taken) = (true, 0);
                    self.end.as_mut().reset(Instant::now() + self.limit);
                }
                if self.end.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judged(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judged(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Nothing waits any more.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waits = false;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// Bytes that the reader takes at once, every how many milliseconds, and whether it gets all of two answers with a pause longer than
    /// the limit between them.
    #[tokio::test]
    async fn a_reader_keeps_the_pace_or_is_cut_off() {
        const LIMIT: Duration = Duration::from_millis(300);
        for (at_once, every, whole) in [(8192, 1, true), (256, 60, false), (0, 60, false)] {
            let (near, mut far) = duplex(1024);
            let reader = tokio::spawn(async move {
                let (mut all, mut bytes) = (0, vec![0; at_once]);
                while at_once == 0 || all < 2 * 50_000 {
                    tokio::time::sleep(Duration::from_millis(every)).await;
                    if at_once > 0 {
                        match far.read(&mut bytes).await {
                            Ok(0) | Err(_) => break,
                            Ok(read) => all += read,
                        }
                    }
                }
                all
            });
            let mut paced = Paced::new(near, LIMIT);
            let mut written = Ok(());
            for _ in 0..2 {
                written = paced.write_all(&[0; 50_000]).await;
                if written.is_err() {
                    break;
                }
                written = paced.flush().await;
                tokio::time::sleep(LIMIT * 2).await;
            }
            assert_eq!(written.is_ok(), whole, "{at_once} bytes every {every} ms: {written:?}");
            if whole {
                assert!(matches!(reader.await, Ok(100_000)));
            } else {
                reader.abort();
            }
        }
    }
}
