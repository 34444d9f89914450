/** A row of `audit_anchors`. */
export interface AuditAnchorsTable {
  /** From 1, without a gap. */
  number: number;
  anchored_at: Date;
  /** The anchor: see `readAnchor`. */
  jws: string;
}

/** What anchors read of `audit_events`. */
export interface ChainedEvents {
  chain_id: string;
  seq: number;
  created_at: Date;
  hash: Buffer;
}
