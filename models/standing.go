package models

import (
	"errors"
	"strings"

	"gorm.io/gorm"
)

// farthestReview is how many months ahead a standing item's next look may be.
// Later than that, nobody who set it is there to look.
const farthestReview = 36

// farProblem says when a day that somebody sets is too far ahead to mean anything.
func farProblem(p *Problems, field string, d, today Day) {
	if p.Of(field) == nil && d > today.PlusMonths(farthestReview) {
		p.Add(field, "day.too_far", farthestReview)
	}
}

// ReviewDue says whether a standing item is to be looked at again by today. It
// stays so until somebody has, closed or open.
func (c Card) ReviewDue(today Day) bool {
	return c.Standing && c.ReviewOn != "" && c.ReviewOn < lookBefore(today)
}

// sqlReviewDue is ReviewDue as a condition, written as the index items_review has
// it.
func sqlReviewDue(today Day) condition {
	return condition{"items.standing = TRUE AND items.review_on <> '' AND items.review_on < ?", []any{lookBefore(today)}}
}

// nextReview is the day of the next look: the one asked for, or, where none was, as
// many months from today as the rules have.
func (b *Board) nextReview(p *Problems, next Day) Day {
	if next == "" {
		return b.Today().PlusMonths(b.rules.ReviewMonths)
	}
	dayProblem(p, "review_on", next)
	if p.Of("review_on") == nil && (next <= b.Today() || next > b.Today().PlusMonths(farthestReview)) {
		p.Add("review_on", "standing.day", farthestReview)
	}
	return next
}

// SetStanding makes an item a standing one, to be looked at again on that day, or
// as the rules have it when the day is left open. Its date stays what it is: a
// standing item may have one, and be late.
func (b *Board) SetStanding(item Item, reviewOn Day) (Item, error) {
	return b.act(SetStanding, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		reviewOn := b.nextReview(&p, reviewOn)
		if p != nil {
			return nil, p
		}
		if item.Standing && item.ReviewOn == reviewOn {
			return nil, Refused{Key: "standing.same"}
		}
		particulars := Particulars{"review_on": string(reviewOn)}
		if item.Standing {
			particulars["was"] = string(item.ReviewOn)
		}
		item.Standing, item.ReviewOn = true, reviewOn
		return particulars, nil
	})
}

// EndStanding takes the flag off an item that needs no more looking after, with the
// reason.
func (b *Board) EndStanding(item Item, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(EndStanding, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		if !item.Standing {
			return nil, Refused{Key: "standing.not"}
		}
		particulars := Particulars{"words": words, "was": string(item.ReviewOn)}
		item.Standing, item.ReviewOn = false, ""
		return particulars, nil
	})
}

// ReviewStanding records what was found when a standing item was looked at, and
// sets the day of the next look.
func (b *Board) ReviewStanding(item Item, words string, next Day) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(ReviewStanding, item, func(_ *gorm.DB, item *Item) (Particulars, error) {
		var p Problems
		textProblem(&p, "words", words, longestResult)
		next := b.nextReview(&p, next)
		if p != nil {
			return nil, p
		}
		if !item.Standing {
			return nil, Refused{Key: "standing.not"}
		}
		particulars := Particulars{"words": words, "was": string(item.ReviewOn), "review_on": string(next)}
		item.ReviewOn = next
		return particulars, nil
	})
}

// NoticeReviews tells of each standing item whose day of review has come, once for
// each such day, however many days were missed, and of each re-check that was not
// done in its time. It returns of how many it told.
func (b *Board) NoticeReviews() (told int, err error) {
	var due []Item
	c := sqlReviewDue(b.Today())
	err = b.items().Where(c.sql+" AND items.flagged_review <> items.review_on", c.args...).Order("items.review_on, items.id").Find(&due).Error
	if err != nil {
		return 0, err
	}
	told, err = b.actEach(FlagReview, due, func(_ *gorm.DB, item *Item) (Particulars, error) {
		if !item.Card().ReviewDue(b.Today()) || item.FlaggedReview == item.ReviewOn {
			return nil, Refused{Key: "refused.flag_review"}
		}
		item.FlaggedReview = item.ReviewOn
		return Particulars{"review_on": string(item.ReviewOn)}, nil
	})
	late, lateErr := b.noticeRechecks()
	return told + late, errors.Join(err, lateErr)
}
