package models_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"duban/models"
	"duban/models/modelstest"
)

// On SQLite one writes at a time, in the order of asking: whoever waits holds nobody
// up who reads, and leaves the queue when nobody waits for them any more.
func TestWritersTakeTurns(t *testing.T) {
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	item := r.Registered("2026-03-20")
	writing := r.Behind().Begin()
	if err := writing.Exec("UPDATE units SET name = name").Error; err != nil {
		t.Fatal(err)
	}

	impatient, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := r.Board(impatient, r.Wu).Report(item, "等不及", nil)
		left <- err
	}()
	var waiting sync.WaitGroup
	done := make([]error, 20) // more than there are connections
	for n := range done {
		waiting.Go(func() { done[n] = r.As(r.Office).NoteTaken(fmt.Sprintf("%d.xlsx", n)) })
	}
	time.Sleep(50 * time.Millisecond)
	if _, err := r.As(r.Wu).Item(item.Number); err != nil {
		t.Errorf("a reader: %v", err)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	if err := writing.Commit().Error; err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
	for n, err := range done {
		if err != nil {
			t.Errorf("writer %d: %v", n, err)
		}
	}
	if notes, err := r.As(r.Wu).ProgressOf(item); err != nil || len(notes) != 0 {
		t.Errorf("%v, %v", notes, err)
	}
	if _, err := r.As(r.Wu).Report(item, "轮到了", nil); err != nil {
		t.Error(err)
	}
	var taken int64
	if err := r.Behind().Model(&models.Event{}).Where("act = ?", "download").Count(&taken).Error; err != nil || taken != int64(len(done)) {
		t.Errorf("%d notes, %v", taken, err)
	}
}

// queued has these wait to write, one behind the other in this order, behind somebody who
// writes; lets them, and returns what became of each once all have been told.
func queued(t *testing.T, r *modelstest.Register, writers ...func() error) []error {
	t.Helper()
	writing := r.Behind().Begin()
	if err := writing.Exec("UPDATE units SET name = name").Error; err != nil {
		t.Fatal(err)
	}
	came := make([]error, len(writers))
	var all sync.WaitGroup
	for n, write := range writers {
		all.Add(1)
		go func() {
			defer all.Done()
			defer func() {
				if why := recover(); why != nil {
					came[n] = fmt.Errorf("panic: %v", why)
				}
			}()
			came[n] = errors.New("its goroutine ended")
			came[n] = write()
		}()
		modelstest.Await(t, "one more who waits", func() bool { return r.WritersWaiting() == n+1 })
	}
	if err := writing.Commit().Error; err != nil {
		t.Fatal(err)
	}
	all.Wait()
	return came
}

// commits are how many commits stand in the log of a SQLite database since it was emptied.
// A frame that ends one says how large the database is by it.
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
func commits(t *testing.T, url string) (n int) {
	t.Helper()
	log, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:") + "-wal")
	if err != nil || len(log) < 32 {
		t.Fatalf("%d bytes, %v", len(log), err)
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	for at := 32; at+24 <= len(log) && string(log[at+8:at+16]) == string(log[16:24]); at += 24 + page {
		if binary.BigEndian.Uint32(log[at+4:]) > 0 {
			n++
		}
	}
	return n
}

// Who waits to write is committed together, and whoever of them fails fails alone: with an
// error in the middle of what they wrote, with a panic, because they left, because they
// were late.
func TestWhoWaitsIsCommittedTogether(t *testing.T) {
	url := modelstest.URL(t, "sqlite")
	r := modelstest.Open(t, url)
	var items []models.Item
	for range 5 {
		items = append(items, r.Registered("2026-03-20"))
	}
	report := func(item models.Item, words string) func() error {
		return func() error { _, err := r.As(r.Wu).Report(item, words, nil); return err }
	}
	written := func(text string, then func(tx *gorm.DB) error) func() error {
		return func() error {
			return r.Behind().Transaction(func(tx *gorm.DB) error {
				if err := tx.Create(&models.Progress{ItemID: items[0].ID, Text: text, ByID: r.Wu.ID, At: r.As(r.Wu).Now()}).Error; err != nil {
					return err
				}
				return then(tx)
			}, models.Together)
		}
	}
	r.JoinFor(time.Hour)
	no, left := errors.New("no"), errors.New("left")
	patience, leave := context.WithCancel(t.Context())
	if err := r.Behind().Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error; err != nil {
		t.Fatal(err)
	}
	came := queued(t, r,
		written("第一个反悔", func(*gorm.DB) error { return no }),
		report(items[0], "第一"),
		written("反悔", func(*gorm.DB) error { return no }),
		report(items[1], "第二"),
		written("出错", func(*gorm.DB) error { panic("of its own") }),
		func() error { _, err := r.As(r.Wu).Acknowledge(items[0]); return err }, // as it was before the first
		written("走人", func(*gorm.DB) error { runtime.Goexit(); return nil }),
		func() error {
			return r.Behind().Exec("INSERT INTO units (id, name, code) SELECT id, name, code FROM units WHERE id = ?", r.Unit.ID).Error
		},
		report(items[2], "第三"),
		func() error {
			err := r.Behind().WithContext(patience).Transaction(func(tx *gorm.DB) error {
				if err := tx.Exec("UPDATE items SET title = '不该有' WHERE id = ?", items[4].ID).Error; err != nil {
					return err
				}
				leave()
				return nil
			}, models.Together)
			if errors.Is(err, context.Canceled) {
				return left
			}
			return err
		},
		written("里面的不算", func(tx *gorm.DB) error {
			err := tx.Transaction(func(tx *gorm.DB) error {
				return errors.Join(tx.Exec("UPDATE items SET title = '不该有' WHERE id = ?", items[4].ID).Error, no)
			})
			if !errors.Is(err, no) {
				return err
			}
			return tx.Exec("DELETE FROM progress WHERE text = '里面的不算'").Error
		}),
		report(items[3], "第四"),
	)
	want := map[int]string{0: "no", 2: "no", 4: "panic: of its own", 5: models.ErrStale.Error(), 6: "its goroutine ended", 7: "duplicated", 9: "left"}
	for n, err := range came {
		if said := want[n]; (err != nil) != (said != "") || err != nil && !strings.Contains(err.Error(), said) {
			t.Errorf("%d: %v; want %q", n, err, said)
		}
	}
	// The one before them, they, and the note that one was late, if it did not come in time.
	if n := commits(t, url); n > 3 {
		t.Errorf("%d commits for %d writers", n, len(came))
	}
	for n, item := range items {
		notes, err := r.As(r.Wu).ProgressOf(item)
		if err != nil || len(notes) != min(1, 4-n) {
			t.Errorf("item %d: %+v, %v", n, notes, err)
		}
		if now, err := r.As(r.Wu).Item(item.Number); err != nil || now.Title != item.Title {
			t.Errorf("item %d: %q, %v", n, now.Title, err)
		}
	}
	if report, err := r.As(models.TheClerk).VerifyTrail(models.VerifyAsk{}); err != nil || !report.Sound() {
		t.Errorf("the trail: %+v, %v", report.Findings, err)
	}
}

// What may take long is committed by itself: nobody waits for it who wrote before.
func TestALongTransactionIsCommittedByItself(t *testing.T) {
	url := modelstest.URL(t, "sqlite")
	r := modelstest.Open(t, url)
	item := r.Registered("2026-03-20")
	told, over := make(chan error), make(chan struct{})
	came := queued(t, r,
		func() error {
			_, err := r.As(r.Wu).Report(item, "先写的", nil)
			go func() { told <- err }()
			return err
		},
		func() error {
			return r.Behind().Transaction(func(tx *gorm.DB) error {
				if err := tx.Exec("UPDATE units SET name = name").Error; err != nil {
					return err
				}
				err := <-told // while it goes on
				close(over)
				return err
			})
		},
		func() error {
			err := r.Behind().Exec("UPDATE units SET name = name").Error
			<-over
			return err
		},
	)
	for n, err := range came {
		if err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// When the database takes back a whole transaction, because its disk is full, nobody of
// those in it is told that they are written; and it goes on once there is room.
func TestAFullDiskInTheMiddleOfTheOthers(t *testing.T) {
	url := modelstest.URL(t, "sqlite")
	r := modelstest.Open(t, url)
	items := []models.Item{r.Registered("2026-03-20"), r.Registered("2026-03-20")}
	var pages int
	if err := r.Behind().Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	report := func(item models.Item) func() error {
		return func() error { _, err := r.As(r.Wu).Report(item, "写得下", nil); return err }
	}
	large := func() error {
		return r.Behind().Transaction(func(tx *gorm.DB) error {
			filled := tx.Exec("UPDATE units SET name = ?", strings.Repeat("满", 1<<20)).Error
			after := tx.Exec("UPDATE units SET name = '不该有'").Error // nor alone, when all before is taken back
			return errors.Join(filled, after)
		}, models.Together)
	}
	if err := r.Behind().Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+40)).Error; err != nil { // of the connection that writes
		t.Fatal(err)
	}
	came := queued(t, r, report(items[0]), large, report(items[1]))
	if came[0] == nil || came[1] == nil {
		t.Errorf("told to be written: %v, %v", came[0], came[1])
	}
	for n, item := range items {
		notes, err := r.As(r.Wu).ProgressOf(item)
		if err != nil || (len(notes) == 1) != (came[n*2] == nil) {
			t.Errorf("item %d: told %v, there are %d, %v", n, came[n*2], len(notes), err)
		}
	}
	var spoilt int64
	if err := r.Behind().Model(&models.Unit{}).Where("name = '不该有'").Count(&spoilt).Error; err != nil || spoilt != 0 {
		t.Errorf("%d units were written after all was taken back, %v", spoilt, err)
	}
	if err := report(r.Read(items[0]))(); err != nil {
		t.Error(err)
	}
	if report, err := r.As(models.TheClerk).VerifyTrail(models.VerifyAsk{}); err != nil || !report.Sound() {
		t.Errorf("the trail: %+v, %v", report.Findings, err)
	}
}
