package models

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"duban/models/hanzi"
)

// Words are what items are looked for by, piece by piece: the item's own, its measures',
// each note of progress, each piece of evidence. They are folded, and their pairs of
// characters indexed, in the transaction that writes what they say.

// WordsKind is where words stand.
type WordsKind string

// The kinds of pieces.
const (
	WordsOfItem     WordsKind = "item"
	WordsOfMeasures WordsKind = "measures"
	WordsOfProgress WordsKind = "progress"
	WordsOfEvidence WordsKind = "evidence"
)

// itemWords is one piece.
type itemWords struct {
	ID     int64
	ItemID int64
	Kind   WordsKind
	OfID   int64
	Body   string // folded
}

// TableName is its own plural.
func (itemWords) TableName() string { return "item_words" }

// wordsWay is raised when words are folded or paired in another way: they are then made
// anew when the program starts.
const wordsWay = 1

// foldWords is a text as it is searched: plain forms, simplified characters, small letters,
// one blank between words of letters and none beside Chinese.
func foldWords(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	var last rune
	blank := false
	for _, r := range norm.NFKC.String(text) {
		if unicode.IsSpace(r) {
			blank = last != 0
			continue
		}
		r = unicode.ToLower(hanzi.Simplified(r))
		if blank && !unicode.Is(unicode.Han, r) && !unicode.Is(unicode.Han, last) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last, blank = r, false
	}
	return out.String()
}

// wordRuns are the runs of letters and figures in a folded text: pairs do not reach over
// what stands between them.
func wordRuns(folded string) [][]rune {
	var runs [][]rune
	for _, run := range strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		runs = append(runs, []rune(run))
	}
	return runs
}

// pairName is a pair of characters, or the last one of a run, as the index has it: their
// numbers, so that both databases take it for one word whatever they know of letters.
func pairName(pair ...rune) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	name := make([]byte, 0, 2*5)
	for _, r := range pair {
		for range 4 { // 36⁴ is more than there are characters
			name = append(name, digits[r%36])
			r /= 36
		}
	}
	return string(name)
}

// pairsOf are the pairs in a folded text, each once, and the last character of each run,
// with a blank between.
func pairsOf(folded string) string {
	var pairs []uint64 // the first character in the upper half
	for _, run := range wordRuns(folded) {
		for n := range len(run) - 1 {
			pairs = append(pairs, uint64(run[n])<<32|uint64(run[n+1]))
		}
		pairs = append(pairs, uint64(run[len(run)-1])<<32)
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	var names strings.Builder
	names.Grow(9 * len(pairs))
	for n, pair := range pairs {
		if n > 0 {
			names.WriteByte(' ')
		}
		first, second := rune(pair>>32), rune(pair&0xffffffff)
		if second == 0 {
			names.WriteString(pairName(first))
			continue
		}
		names.WriteString(pairName(first, second))
	}
	return names.String()
}

// wordSought is one word that a reader looks for.
type wordSought struct {
	folded string
	pairs  []string // all of which occur where it does
	begins []string // single characters, with which a pair begins
	exact  bool     // wherever those occur it occurs
}

func soughtWords(query string) []wordSought {
	var words []wordSought
	for _, word := range strings.Fields(query) {
		w := wordSought{folded: foldWords(word)}
		if w.folded == "" {
			continue
		}
		runs := wordRuns(w.folded)
		for _, run := range runs {
			if len(run) == 1 {
				w.begins = append(w.begins, pairName(run[0]))
			}
			for n := range len(run) - 1 {
				w.pairs = append(w.pairs, pairName(run[n], run[n+1]))
			}
		}
		w.exact = len(runs) == 1 && string(runs[0]) == w.folded && len(runs[0]) <= 2
		words = append(words, w)
	}
	return words
}

// like is the pieces in which the word stands, told by the texts themselves.
func (w wordSought) like() condition {
	return condition{`item_words.body LIKE ? ESCAPE '\'`, []any{likePattern(w.folded)}}
}

func likePattern(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}

// ownLines are what is searched of an item itself.
func ownLines(i *Item) [9]string {
	return [9]string{i.Number, i.LedgerNo, i.Title, i.Problem, i.Category, i.Source, i.Leader, i.Department, i.Handler}
}

// ownWords are an item's own piece.
func ownWords(i *Item) itemWords {
	lines := ownLines(i)
	return itemWords{ItemID: i.ID, Kind: WordsOfItem, Body: foldLines(lines[:])}
}

// foldLines folds each by itself, so that no word is found where one ends and the next
// begins.
func foldLines(lines []string) string {
	folded := make([]string, 0, len(lines))
	for _, line := range lines {
		if f := foldWords(line); f != "" {
			folded = append(folded, f)
		}
	}
	return strings.Join(folded, "\n")
}

func measureWords(item int64, measures []Measure) itemWords {
	var lines []string
	for _, m := range measures {
		lines = append(lines, m.Text, m.Leader, m.Department)
		lines = append(append(lines, m.Owners...), m.Result)
	}
	return itemWords{ItemID: item, Kind: WordsOfMeasures, Body: foldLines(lines)}
}

func progressWords(p Progress) itemWords {
	return itemWords{ItemID: p.ItemID, Kind: WordsOfProgress, OfID: p.ID, Body: foldWords(p.Text)}
}

func evidenceWords(e Evidence) itemWords {
	return itemWords{ItemID: e.ItemID, Kind: WordsOfEvidence, OfID: e.ID, Body: foldLines([]string{e.DocNo, e.Note, e.FileName})}
}

// wordedRows are the rows written in a deed whose words are searched.
type wordedRows struct {
	pieces   []itemWords
	measures map[int64][]Measure // that were written, by item
	touched  map[int64]bool      // items of which some were changed or removed
}

// note takes in a row.
func (w *wordedRows) note(row any) {
	switch row := row.(type) {
	case Measure:
		if w.measures == nil {
			w.measures = map[int64][]Measure{}
		}
		w.measures[row.ItemID] = append(w.measures[row.ItemID], row)
	case Progress:
		w.pieces = append(w.pieces, progressWords(row))
	case Evidence:
		w.pieces = append(w.pieces, evidenceWords(row))
	}
}

// touch takes in that measures of the item were changed or removed.
func (w *wordedRows) touch(item int64) {
	if w.touched == nil {
		w.touched = map[int64]bool{}
	}
	w.touched[item] = true
}

// reword keeps the words of items in step with what a deed wrote of them. was are the
// items before, nil for new ones.
func (b *Board) reword(was map[int64]Item, items []Item, rows wordedRows) error {
	pieces, err := b.reworded(was, items, rows)
	if err != nil {
		return err
	}
	return b.writeWords(pieces)
}

// reworded are the pieces that are to be written, each once.
func (b *Board) reworded(was map[int64]Item, items []Item, rows wordedRows) ([]itemWords, error) {
	pieces := rows.pieces
	for n := range items {
		item := &items[n]
		before, had := was[item.ID]
		if !had || ownLines(item) != ownLines(&before) {
			pieces = append(pieces, ownWords(item))
		}
		if all := rows.measures[item.ID]; !had && !rows.touched[item.ID] && len(all) > 0 { // a new item has no others
			slices.SortStableFunc(all, func(a, z Measure) int { return cmp.Compare(a.Seq, z.Seq) })
			pieces = append(pieces, measureWords(item.ID, all))
			delete(rows.measures, item.ID)
		}
	}
	ids := make([]int64, 0, len(rows.measures))
	for id := range rows.measures {
		ids = append(ids, id)
	}
	for id := range rows.touched {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for some := range slices.Chunk(ids, batch) {
		var measures []Measure
		if err := b.db.Where("item_id IN ?", some).Order("item_id, seq").Find(&measures).Error; err != nil {
			return nil, err
		}
		of := map[int64][]Measure{}
		for _, m := range measures {
			of[m.ItemID] = append(of[m.ItemID], m)
		}
		for _, id := range some {
			pieces = append(pieces, measureWords(id, of[id]))
		}
	}
	return onceWorded(pieces), nil
}

// onceWorded are pieces, of one that is there twice the later.
func onceWorded(pieces []itemWords) []itemWords {
	if len(pieces) < 2 {
		return pieces
	}
	at := map[itemWords]int{}
	once := pieces[:0:0]
	for _, p := range pieces {
		key := itemWords{ItemID: p.ItemID, Kind: p.Kind, OfID: p.OfID}
		if n, had := at[key]; had {
			once[n] = p
			continue
		}
		at[key] = len(once)
		once = append(once, p)
	}
	return once
}

// writeWords writes pieces.
func (b *Board) writeWords(pieces []itemWords) error {
	for some := range slices.Chunk(pieces, batch) {
		if err := b.store.dialect.writeWords(b.db, some); err != nil {
			return err
		}
	}
	return nil
}

// wordsOf are all pieces of some items.
func (b *Board) wordsOf(items []Item) ([]itemWords, error) {
	var rows wordedRows
	var measures []Measure
	var notes []Progress
	var evidence []Evidence
	ids := make([]int64, len(items))
	for n := range items {
		ids[n] = items[n].ID
	}
	for _, into := range []any{&measures, &notes, &evidence} {
		if err := b.store.dialect.among("item_id", ids).on(b.db).Find(into).Error; err != nil {
			return nil, err
		}
	}
	for _, m := range measures {
		rows.note(m)
	}
	for _, p := range notes {
		rows.note(p)
	}
	for _, e := range evidence {
		rows.note(e)
	}
	return b.reworded(nil, items, rows)
}

// Words of a ledger of hundreds take longer to be indexed than all else of it together, so
// the index follows it: the items are noted as due in the same transaction, and until they
// are in the index a search looks at the items themselves.

// manyNew is how many items taken in together are indexed afterwards.
const manyNew = 100

// wordsDue is an item that is not in the index yet.
type wordsDue struct {
	ItemID int64 `gorm:"primaryKey;autoIncrement:false"`
}

// TableName is its own plural.
func (wordsDue) TableName() string { return "item_words_due" }

// wordNew has new items indexed, now or, of a large ledger, soon.
func (b *Board) wordNew(items []Item, rows wordedRows) error {
	if len(items) < manyNew || items[0].ImportID == nil {
		return b.reword(nil, items, rows)
	}
	due := make([]wordsDue, len(items))
	for n := range items {
		due[n].ItemID = items[n].ID
	}
	return b.createAll(&due)
}

// duePieces are the pieces of the items that are not in the index yet. They are asked for
// before the index is: an item is in one of the two.
func (b *Board) duePieces() ([]itemWords, error) {
	b.assigned.mu.Lock()
	due, asked := b.assigned.due, b.assigned.dueAsked
	b.assigned.mu.Unlock()
	if asked && !b.within {
		return due, nil
	}
	var ids []int64
	if err := b.db.Model(&wordsDue{}).Order("item_id").Pluck("item_id", &ids).Error; err != nil {
		return nil, err
	}
	due = nil
	for some := range slices.Chunk(ids, batch) {
		var items []Item
		if err := b.store.dialect.among("id", some).on(b.db).Order("id").Find(&items).Error; err != nil {
			return nil, err
		}
		pieces, err := b.wordsOf(items)
		if err != nil {
			return nil, err
		}
		due = append(due, pieces...)
	}
	b.assigned.mu.Lock()
	b.assigned.due, b.assigned.dueAsked = due, true
	b.assigned.mu.Unlock()
	if len(ids) > 0 && !b.within {
		b.store.WordSoon()
	}
	return due, nil
}

// dueWith are the items not in the index yet in which a word stands.
func (b *Board) dueWith(sought wordSought) ([]int64, error) {
	pieces, err := b.duePieces()
	var ids []int64
	for _, p := range pieces {
		if strings.Contains(p.Body, sought.folded) {
			ids = append(ids, p.ItemID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// wordedTogether is how many items are indexed in one transaction: nobody who wants to
// change one waits long.
const wordedTogether = 50

// WordDue indexes the items that are due, some at a time. What another program does
// meanwhile is done once.
func (b *Board) WordDue() error {
	for {
		var ids []int64
		err := b.db.Transaction(func(tx *gorm.DB) error {
			b := b.in(tx)
			if err := tx.Model(&wordsDue{}).Order("item_id").Limit(wordedTogether).Pluck("item_id", &ids).Error; err != nil || len(ids) == 0 {
				return err
			}
			var items []Item
			if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id IN ?", ids).Order("id").Find(&items).Error; err != nil {
				return err
			}
			pieces, err := b.wordsOf(items)
			if err != nil {
				return err
			}
			if err := b.writeWords(pieces); err != nil {
				return err
			}
			return tx.Where("item_id IN ?", ids).Delete(&wordsDue{}).Error
		})
		if err != nil || len(ids) == 0 {
			return err
		}
	}
}

// wordingAfter is the indexing that goes on beside all else.
type wordingAfter struct {
	mu   sync.Mutex
	stop context.CancelFunc
	over chan struct{} // nil while nothing goes on
	shut bool
}

// WordSoon begins to index what is due, unless that goes on already. What fails is done
// when it is asked for next.
func (s *Store) WordSoon() {
	w := &s.wording
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut || w.over != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	w.stop, w.over = stop, over
	go func() {
		err := s.Board(ctx, TheClerk).WordDue()
		if err != nil && ctx.Err() == nil {
			slog.Warn("words could not be indexed yet", "error", err)
		}
		stop()
		w.mu.Lock()
		w.over = nil
		w.mu.Unlock()
		close(over)
	}()
}

// end breaks the indexing off and waits until it is over.
func (w *wordingAfter) end() {
	w.mu.Lock()
	w.shut = true
	stop, over := w.stop, w.over
	w.mu.Unlock()
	if over != nil {
		stop()
		<-over
	}
}

// layWords makes the words when they are not there, or were made in another way.
func (s *Store) layWords(ctx context.Context) error {
	db := s.db.WithContext(ctx)
	var way int
	if err := db.Raw("SELECT COALESCE(MAX(way), 0) FROM item_words_state").Scan(&way).Error; err != nil || way == wordsWay {
		return err
	}
	return s.Board(ctx, TheClerk).RebuildWords(nil)
}

// RebuildWords makes all that is searched anew, from what is searched. The second of two at
// once waits. told, if any, hears how many items are done.
func (b *Board) RebuildWords(told func(items int)) error {
	return b.db.Transaction(func(tx *gorm.DB) error {
		b := b.in(tx)
		if err := tx.Exec("INSERT INTO item_words_state (id, way) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET way = 0").Error; err != nil {
			return err
		}
		for _, table := range []string{"item_words", "item_words_due"} {
			if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
				return err
			}
		}
		last, done := int64(0), 0
		for {
			var items []Item
			if err := tx.Where("id > ?", last).Order("id").Limit(batch).Find(&items).Error; err != nil {
				return err
			}
			if len(items) == 0 {
				break
			}
			last = items[len(items)-1].ID
			pieces, err := b.wordsOf(items)
			if err != nil {
				return err
			}
			if err := b.writeWords(pieces); err != nil {
				return err
			}
			if done += len(items); told != nil {
				told(done)
			}
		}
		return tx.Exec("UPDATE item_words_state SET way = ?", wordsWay).Error
	})
}

// fewFound is how many items are named one by one; of more, lists are walked in their
// order until the page is full.
const fewFound = 2000

// wordFound is where one word stands.
type wordFound struct {
	sought wordSought
	few    bool
	items  []int64 // all of them, where they are few
	due    []int64 // of those that are not in the index yet
	units  []int64 // in whose names it stands
}

// find asks the index for a word.
func (b *Board) find(sought wordSought) (wordFound, error) {
	w := wordFound{sought: sought}
	units, err := b.Units()
	if err != nil {
		return w, err
	}
	if w.due, err = b.dueWith(sought); err != nil {
		return w, err
	}
	for _, u := range units {
		if strings.Contains(foldWords(u.Name), sought.folded) {
			w.units = append(w.units, u.ID)
		}
	}
	if len(w.units) > 0 {
		return w, nil
	}
	index, indexed := b.store.dialect.wordsWith(sought)
	if !indexed {
		return w, nil
	}
	var pieces []int64
	if err := b.db.Raw(index.sql+" LIMIT ?", append(slices.Clone(index.args), fewFound+1)...).Scan(&pieces).Error; err != nil || len(pieces) > fewFound {
		return w, err
	}
	w.few = true
	if len(pieces) == 0 {
		w.items = w.due
		return w, nil
	}
	q := b.store.dialect.among("item_words.id", pieces).on(b.db.Model(&itemWords{}))
	if !sought.exact {
		q = sought.like().on(q)
	}
	err = q.Distinct("item_id").Pluck("item_id", &w.items).Error
	w.items = append(w.items, w.due...)
	return w, err
}

// search keeps the items in which every one of the words occurs. Two Chinese characters
// are a word; so is one. counted is of a query that looks at all there are, and not at
// the first few of a list.
func (b *Board) search(q *gorm.DB, words string, counted bool) *gorm.DB {
	var few []int64
	some := false
	var many []wordFound
	for _, sought := range soughtWords(words) {
		w, err := b.foundOnce(sought)
		switch {
		case err != nil:
			_ = q.AddError(err)
			return q
		case !w.few:
			many = append(many, w)
		case !some:
			few, some = w.items, true
		default:
			few = slices.DeleteFunc(slices.Clone(few), func(id int64) bool { return !slices.Contains(w.items, id) })
		}
	}
	if some {
		q = b.store.dialect.among("items.id", few).on(q)
	}
	for _, w := range many {
		like := w.sought.like()
		c := condition{"EXISTS (SELECT 1 FROM item_words WHERE item_words.item_id = items.id AND " + like.sql + ")", like.args}
		if index, indexed := b.store.dialect.wordsWith(w.sought); counted && indexed && w.sought.exact && !some {
			c = condition{"items.id IN (SELECT item_id FROM item_words WHERE id IN (" + index.sql + "))", index.args}
		}
		if len(w.units) > 0 {
			c.sql, c.args = c.sql+" OR items.unit_id IN ?", append(c.args, w.units)
		}
		if len(w.due) > 0 {
			due := b.store.dialect.among("items.id", w.due)
			c.sql, c.args = c.sql+" OR "+due.sql, append(c.args, due.args...)
		}
		q = c.on(q)
	}
	return q
}

// foundOnce is find, once for a board.
func (b *Board) foundOnce(sought wordSought) (wordFound, error) {
	b.assigned.mu.Lock()
	w, asked := b.assigned.found[sought.folded]
	b.assigned.mu.Unlock()
	if asked && !b.within {
		return w, nil
	}
	w, err := b.find(sought)
	if err == nil {
		b.assigned.mu.Lock()
		if b.assigned.found == nil {
			b.assigned.found = map[string]wordFound{}
		}
		b.assigned.found[sought.folded] = w
		b.assigned.mu.Unlock()
	}
	return w, err
}

// Match is where in an item a word that was looked for stands: the piece it stands in and
// the words around it.
type Match struct {
	Kind                WordsKind
	Before, Word, After string // as it is searched: folded
}

// matchAround is how many characters are shown on either side.
const matchAround = 12

// Matches are where the words of a search stand in these items, but for what each row of
// a list shows of its item anyway.
func (b *Board) Matches(query string, cards []Card) (map[int64]Match, error) {
	found := map[int64]Match{}
	sought := soughtWords(query)
	if len(cards) == 0 || len(sought) == 0 {
		return found, nil
	}
	ids := make([]int64, len(cards))
	shown := map[int64]string{}
	for n, c := range cards {
		ids[n] = c.ID
		shown[c.ID] = foldLines([]string{c.Number, c.Title})
	}
	ids, err := b.sightedIDs(ids)
	if err != nil {
		return nil, err
	}
	var any condition
	for n, w := range sought {
		like := w.like()
		if n > 0 {
			any.sql += " OR "
		}
		any.sql, any.args = any.sql+like.sql, append(any.args, like.args...)
	}
	var pieces []itemWords
	if err := any.on(b.store.dialect.among("item_words.item_id", ids).on(b.db.Model(&itemWords{}))).Find(&pieces).Error; err != nil {
		return nil, err
	}
	due, err := b.duePieces()
	if err != nil {
		return nil, err
	}
	for _, p := range due {
		if slices.Contains(ids, p.ItemID) {
			pieces = append(pieces, p)
		}
	}
	order := []WordsKind{WordsOfItem, WordsOfMeasures, WordsOfEvidence, WordsOfProgress}
	slices.SortFunc(pieces, func(a, z itemWords) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, z.Kind)), cmp.Compare(z.OfID, a.OfID))
	})
	for _, piece := range pieces {
		for _, w := range sought {
			if _, told := found[piece.ItemID]; told || strings.Contains(shown[piece.ItemID], w.folded) {
				continue
			}
			if before, after, here := strings.Cut(piece.Body, w.folded); here {
				found[piece.ItemID] = Match{piece.Kind, lastRunes(lineEnd(before), matchAround), w.folded, clip(lineStart(after), matchAround)}
			}
		}
	}
	return found, nil
}

// sightedIDs are those of these items that this person sees.
func (b *Board) sightedIDs(ids []int64) (seen []int64, err error) {
	return seen, b.store.dialect.among("items.id", ids).on(b.items()).Pluck("items.id", &seen).Error
}

func lineEnd(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

func lineStart(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func lastRunes(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}
