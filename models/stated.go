package models

// What an old ledger says is done 台账载明已完成 is taken in as such and not as closed: the
// item is under way with a mark that only an import sets. It is nobody's to be late with
// but the supervisors', whose clock runs from that day; it counts as not closed; and it
// comes off the mark when it is checked, one by one or by a sample, when the unit hands
// it in itself, or when it is voided.
//
// The ledger's word stands among what was handed in, so that a verdict, a closure and the
// four eyes are those of every submission.

// endStated takes the mark off an item, on which the ledger's word is answered by that
// act. The days it lay with the supervisors are not the unit's.
func (b *Board) endStated(item *Item, by Act, said Particulars) error {
	if item.StatedOn == "" {
		return nil
	}
	if by == SubmitItem || by == VoidItem {
		item.StatedOn = ""
	} else if err := b.resume(item, said); err != nil {
		return err
	}
	return oneRow(b.db.Model(&Submission{}).Where("item_id = ? AND outcome = ''", item.ID).Updates(map[string]any{"outcome": by, "ended_at": b.now}))
}
