package models_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

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
