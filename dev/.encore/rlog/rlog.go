// Package rlog writes a log with keys and values.
package rlog

import (
	"log/slog"
	"os"
)

var logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))

func Debug(msg string, keysAndValues ...any) { logger.Debug(msg, keysAndValues...) }
func Info(msg string, keysAndValues ...any)  { logger.Info(msg, keysAndValues...) }
func Warn(msg string, keysAndValues ...any)  { logger.Warn(msg, keysAndValues...) }
func Error(msg string, keysAndValues ...any) { logger.Error(msg, keysAndValues...) }
