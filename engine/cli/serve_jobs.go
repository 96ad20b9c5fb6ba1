package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/schedule"
)

// load makes jobs of a file's bytes, at the start and whenever they changed.
func (s *station) load(path string, text []byte) ([]*engine.Job, error) {
	source := &diag.Source{Name: filepath.ToSlash(path), Text: text}
	s.mu.Lock()
	s.app.hideTokens(source)
	s.mu.Unlock()
	jobs, findings := s.loader.Load(source, path)
	if err := findings.Err(); err != nil {
		return nil, err
	}
	for _, job := range jobs {
		if job.Schedule == nil {
			continue
		}
		if _, err := s.inputsOf(job); err != nil {
			return nil, err
		}
	}
	s.tell(findings)
	return jobs, nil
}

// tell logs findings about job files, one record each.
func (s *station) tell(list diag.List) {
	s.mu.Lock()
	list = s.app.hide(list)
	s.mu.Unlock()
	for _, f := range report.Findings(list) {
		level := slog.LevelWarn
		if f.Severity == diag.Error.String() {
			level = slog.LevelError
		}
		s.log.LogAttrs(context.Background(), level, "job file", slog.String("file", f.File), slog.Int("line", f.Line), slog.Int("column", f.Column),
			slog.String("code", f.Code), slog.String("summary", report.Clean(f.Summary)), slog.String("hint", report.Clean(f.Hint)))
	}
}

// changed reports what became of a job file while serve runs.
func (s *station) changed(c schedule.Change) {
	ctx, path := context.Background(), slog.String("path", c.Path)
	problem := ""
	switch c.Kind {
	case schedule.Reloaded:
		var names []string
		for _, job := range c.Jobs {
			names = append(names, job.Name)
		}
		s.log.LogAttrs(ctx, slog.LevelInfo, "job file read again", path, slog.Any("jobs", names))
	case schedule.Broken:
		problem = c.Err.Error()
		s.log.LogAttrs(ctx, slog.LevelError, "job file is wrong now; the version before stays in force", path, slog.String("error", problem))
		if found, ok := errors.AsType[*diag.ListError](c.Err); ok {
			s.tell(found.List)
		}
	case schedule.Gone:
		s.log.LogAttrs(ctx, slog.LevelWarn, "job file is gone, and its jobs with it; put it back to have them run again", path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.problems, filepath.ToSlash(c.Path))
	if problem != "" {
		s.problems[filepath.ToSlash(c.Path)] = fmt.Sprintf("an older version of the file is in force: %s", s.app.redactor.Redact(problem))
	}
}
