//! Imports: documents that are delivered behind everything else.

use super::DurableDelivery;
use crate::ledger::{ImportError, ImportId, ImportRecord, ImportUpdate, LedgerError, NewImport};

impl DurableDelivery {
    /// Begins an import. Its lines are submissions that name it.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn create_import(&self, import: NewImport) -> Result<ImportRecord, LedgerError> {
        self.shared.ledger.create_import(&self.shared.app, import).await
    }

    /// Changes an import, and lets what it delivers begin at once.
    ///
    /// # Errors
    /// When there is none, it was canceled, or the ledger fails.
    pub async fn update_import(
        &self,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        let import = self.shared.ledger.update_import(&self.shared.app, id, update).await?;
        self.shared.arrivals.news.notify_one();
        Ok(import)
    }

    /// Waits until no further attempt may begin, because the gateway stops.
    pub async fn stopped(&self) {
        self.shared.stop.cancelled().await;
    }
}
