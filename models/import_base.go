package models

import (
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"duban/models/ledger"
)

// An exported ledger carries, beside what it shows, what it showed: brought back, each
// cell is laid beside the one that went out and the one that stands in the register
// now, and what somebody changed is told from what the register changed meanwhile.
//
// What it carries is sealed with the register's key (AES-GCM): nobody makes it but a
// program of this register, whoever changes it breaks it, and who is sent a part of an
// export reads nothing of the rest in it.

// sheetItem is an item as an exported sheet showed it.
type sheetItem struct {
	Number   string                    `json:"n"`
	Version  int                       `json:"v"`
	Unit     int64                     `json:"u"`
	Tier     Tier                      `json:"t"`
	Measures []int64                   `json:"m,omitempty"`
	Due      []Day                     `json:"d,omitempty"` // by row
	Standing []bool                    `json:"s,omitempty"`
	Cells    map[ledger.Field][]string `json:"c"`           // by row; one text for what is the item's own
	Told     map[string][]string       `json:"r,omitempty"` // by heading: what the register says of itself and takes back from nobody
}

// ownCells are the columns of an exported sheet that are the item's own; the others have
// a cell for each measure.
var ownCells = []ledger.Field{ledger.FieldCategory, ledger.FieldSource, ledger.FieldProblem, ledger.FieldStandard, ledger.FieldProgress}

// SheetMeasures are the rows an exported sheet has for an item: its measures, or one row
// for what the item says by itself.
func (r ExportRow) SheetMeasures() []Measure {
	if len(r.Measures) > 0 {
		return r.Measures
	}
	return []Measure{{Leader: r.Item.Leader, Department: r.Item.Department, Owners: []string{r.Item.Handler}, DueOn: r.Item.DueOn, Standing: r.Item.Standing}}
}

// SheetDeadline is what an exported sheet shows as a measure's deadline: as it was
// written, or else its day and the word for what stands.
func SheetDeadline(m Measure, standing string) string {
	switch {
	case m.DeadlinePhrase != "":
		return m.DeadlinePhrase
	case m.Standing:
		return strings.TrimSpace(string(m.DueOn) + " " + standing)
	}
	return string(m.DueOn)
}

// sheet is the row as an exported sheet shows it.
func (r ExportRow) sheet(standing string) sheetItem {
	i := r.Item
	s := sheetItem{Number: i.Number, Version: i.Version, Unit: i.UnitID, Tier: i.Tier, Cells: map[ledger.Field][]string{
		ledger.FieldCategory: {i.Category}, ledger.FieldSource: {i.Source}, ledger.FieldProblem: {i.Problem}, ledger.FieldStandard: {i.Standard},
		ledger.FieldProgress: {r.Progress},
	}}
	for _, m := range r.Measures {
		s.Measures = append(s.Measures, m.ID)
	}
	for _, m := range r.SheetMeasures() {
		s.Due, s.Standing = append(s.Due, m.DueOn), append(s.Standing, m.Standing)
		for f, text := range map[ledger.Field]string{
			ledger.FieldMeasure: m.Text, ledger.FieldLeader: cmp.Or(m.Leader, i.Leader), ledger.FieldDepartment: cmp.Or(m.Department, i.Department),
			ledger.FieldOwner: m.OwnersTyped(), ledger.FieldDeadline: SheetDeadline(m, standing),
		} {
			s.Cells[f] = append(s.Cells[f], text)
		}
	}
	return s
}

// ExportBase gathers what an exported sheet shows, to be carried by it.
type ExportBase struct {
	store    *Store
	standing string
	packed   bytes.Buffer
	pack     *flate.Writer
}

// NewExportBase begins what an export carries; standing is the word it shows for what
// stands.
func (b *Board) NewExportBase(standing string) *ExportBase {
	e := &ExportBase{store: b.store, standing: standing}
	e.pack, _ = flate.NewWriter(&e.packed, flate.DefaultCompression)
	return e
}

// Add takes a row as the sheet shows it, with the cells, by heading, that only tell.
func (e *ExportBase) Add(r ExportRow, told map[string][]string) error {
	s := r.sheet(e.standing)
	s.Told = map[string][]string{}
	for heading, texts := range told {
		s.Told[ledger.FoldHeading(heading)] = texts
	}
	return json.NewEncoder(e.pack).Encode(s)
}

// sayTold says of each cell that only tells, and says something else than it did when it
// went out, that it is not taken, and where what it means is changed.
func (l *ImportLine) sayTold(cells map[string][]ledger.ToldCell) {
	for _, heading := range slices.Sorted(maps.Keys(l.base.Told)) {
		was := slices.Clone(l.base.Told[heading])
		for _, c := range cells[heading] {
			if at := slices.IndexFunc(was, func(text string) bool { return squeezed(text) == squeezed(c.Text) }); at >= 0 {
				was = slices.Delete(was, at, at+1)
				continue
			}
			if more := len(cells[heading]) > len(l.base.Told[heading]); more && (c.Text == "" || len(l.base.Told[heading]) == 1 && squeezed(c.Text) == squeezed(l.base.Told[heading][0])) {
				continue // the item's own, over as many rows as there are
			}
			before := ""
			if len(was) > 0 {
				before = was[0]
			}
			l.Ledger.Problems = append(slices.Clone(l.Ledger.Problems), ledger.CellProblem{
				Weight: ledger.Question, Sheet: l.Ledger.Sheet, Row: c.Row, Column: c.Letter, Key: "import.told", Args: []any{c.Heading, before, c.Text},
			})
		}
	}
}

const (
	// baseMark begins what an export carries, with the form it has.
	baseMark = "duban-ledger-1"
	// baseSeparator stands after it and after the name of the key: a reader of sheets
	// may trim a cell's blanks.
	baseSeparator = "|"
	// longestCell is how much of it stands in one cell: Excel's end at 32,767.
	longestCell = 30_000
	// mostBase is how large what was carried may be, unpacked.
	mostBase = 256 << 20
)

// Cells is what the sheet is to carry, a text a cell; nil where this program has no key
// to seal it with.
func (e *ExportBase) Cells() ([]string, error) {
	seal, name := e.store.exportSeal()
	if seal == nil {
		return nil, nil
	}
	if err := e.pack.Close(); err != nil {
		return nil, err
	}
	nonce := make([]byte, seal.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := base64.StdEncoding.EncodeToString(seal.Seal(nonce, nonce, e.packed.Bytes(), []byte(baseMark)))
	cells := []string{baseMark + baseSeparator + name + baseSeparator}
	for len(sealed) > 0 {
		n := min(longestCell, len(sealed))
		cells, sealed = append(cells, sealed[:n]), sealed[n:]
	}
	return cells, nil
}

// exportSeal is what seals exported ledgers, and the name of the key it is made from;
// nil without one.
func (s *Store) exportSeal() (cipher.AEAD, string) {
	if s.key == nil {
		return nil, ""
	}
	secret := sha256.Sum256([]byte(s.key.Seal("what exported ledgers carry")))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, "" // a key of 32 bytes is never refused
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, ""
	}
	return seal, s.key.Name()
}

// openBase opens what a ledger carries, by the numbers of its items. Where it cannot be
// opened the note says why, and the ledger is read like any other.
func (s *Store) openBase(carried string) (map[string]sheetItem, ledger.CellProblem) {
	if carried == "" {
		return nil, ledger.CellProblem{}
	}
	tampered := ledger.CellProblem{Weight: ledger.Remark, Key: "import.base.tampered"}
	parts := strings.SplitN(carried, baseSeparator, 3)
	if len(parts) != 3 || parts[0] != baseMark {
		return nil, tampered
	}
	seal, name := s.exportSeal()
	if seal == nil || parts[1] != name {
		return nil, ledger.CellProblem{Weight: ledger.Remark, Key: "import.base.foreign"}
	}
	sealed, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(parts[2]), ""))
	if err != nil || len(sealed) < seal.NonceSize() {
		return nil, tampered
	}
	packed, err := seal.Open(nil, sealed[:seal.NonceSize()], sealed[seal.NonceSize():], []byte(baseMark))
	if err != nil {
		return nil, tampered
	}
	base := map[string]sheetItem{}
	rows := json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), mostBase))
	for {
		var i sheetItem
		switch err := rows.Decode(&i); err {
		case nil:
			base[i.Number] = i
		case io.EOF:
			return base, ledger.CellProblem{}
		default:
			return nil, tampered
		}
	}
}

// missing notes the exported items that the sheet no longer has. Nothing happens to
// them: a row that was taken out of a sheet is not taken out of the register.
func (b *Board) missing(p *ImportPreview, base map[string]sheetItem) error {
	there := map[string]bool{}
	for _, l := range p.Lines {
		there[l.Ledger.Register] = true
	}
	for _, r := range p.Reading.Refused {
		for _, text := range r.Cells {
			there[text] = true
		}
	}
	var numbers []string
	for number := range base {
		if !there[number] {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	var gone []string
	for some := range slices.Chunk(numbers, batch) { // of what this person sees: an export may have held more
		var seen []string
		if err := b.items().Where("items.number IN ?", some).Order("items.number").Pluck("items.number", &seen).Error; err != nil {
			return err
		}
		gone = append(gone, seen...)
	}
	if len(gone) > 0 {
		p.Notes = append(p.Notes, ledger.CellProblem{Weight: ledger.Remark, Key: "import.base.missing", Args: []any{len(gone), strings.Join(gone[:min(5, len(gone))], "、")}})
	}
	return nil
}
