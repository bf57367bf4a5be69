;;; eglot.el --- Emacs in batch mode with tools/editors/emacs and eglot  -*- lexical-binding: t; -*-
;; ACIE_BIN has acie-lsp, ACIE_ROOT is the repository.

(require 'ert)
(package-initialize)
(defvar acie-root (getenv "ACIE_ROOT"))
(add-to-list 'load-path (expand-file-name "tools/editors/emacs" acie-root))
(unless (require 'eglot nil t)
  (message "skipped: this Emacs has no eglot (Debian's package elpa-eglot has it)")
  (kill-emacs 77))
(require 'acie-mode)
(setq acie-bin (getenv "ACIE_BIN")
      acie-server-options '(:debounce 0)
      eglot-sync-connect t
      eglot-confirm-server-initiated-edits nil
      vc-handled-backends nil)

(defun acie-wait (condition)
  "Wait until CONDITION holds, ten seconds at most; its value."
  (let ((end (+ (float-time) 10)) value)
    (while (and (not (setq value (funcall condition))) (< (float-time) end)) (accept-process-output nil 0.02))
    value))

(defmacro acie-with (name text &rest body)
  "BODY in a buffer that visits NAME; with TEXT a new file, else one of the repository."
  (declare (indent 2))
  `(let* ((folder (make-temp-file "acie" t))
          (file (if ,text (expand-file-name ,name folder) (expand-file-name ,name acie-root))))
     (when ,text (with-temp-file file (insert ,text)))
     (unwind-protect
         (with-current-buffer (find-file-noselect file)
           (switch-to-buffer (current-buffer))
           (should (eq major-mode 'acie-mode))
           (apply #'eglot--connect (eglot--guess-contact))
           (eglot--maybe-activate-editing-mode)
           (should (acie-wait #'eglot-current-server))
           ,@body
           (eglot-shutdown (eglot-current-server))
           (set-buffer-modified-p nil)
           (kill-buffer))
       (delete-directory folder t))))

(defun acie-at (words &optional skip)
  "Point to where WORDS first stand, SKIP characters on."
  (goto-char (point-min))
  (search-forward words)
  (goto-char (+ (match-beginning 0) (or skip 0))))

(defun acie-ask (method &rest more)
  (jsonrpc-request (eglot-current-server) method (append (eglot--TextDocumentPositionParams) more)))

(defun acie-diagnostics ()
  "What flymake shows, after it has asked again.
Emacs in batch mode is never idle, so edits are sent here."
  (eglot--signal-textDocument/didChange)
  (flymake-start)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(ert-deftest acie-an-example ()
  (acie-with "examples/galaxy/galaxy.acie" nil
    (font-lock-ensure)
    (acie-at "model Galaxy")
    (should (eq (get-text-property (point) 'face) 'font-lock-keyword-face))
    (should (eq (get-text-property (+ (point) 6) 'face) 'font-lock-type-face))
    (acie-at "exo u_sfr" 5)
    (should (string-match-p "exactly from `log_sfr`" (plist-get (plist-get (acie-ask :textDocument/hover) :contents) :value)))
    (acie-at "main_sequence(log_mass, z) + u_sfr")
    (let ((found (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot))))
      (should (= 1 (length found)))
      (xref-goto-xref-location found)
      (should (looking-at-p "main_sequence(log_mass: f64")))
    (should-not (acie-diagnostics))))

(defun xref-goto-xref-location (found)
  "Go to the one place in FOUND."
  (goto-char (marker-position (xref-location-marker (xref-item-location (car found))))))

(ert-deftest acie-completion ()
  (acie-with "new.acie" "model M {\n    exo noise ~ normal(0, 1)\n    var dose = noise\n}\nquery q on M {\n    do d\n    return dose\n}\n"
    (acie-at "do d" 4)
    (let ((found (eglot-completion-at-point)))
      (should (member "dose" (mapcar #'substring-no-properties (all-completions "d" (nth 2 found))))))))

(ert-deftest acie-a-mistake-and-its-fix ()
  (acie-with "mistake.acie" "model M {\n    exo noise ~ normal(0, 1)\n    var dose = nois\n}\nquery q on M { return draws[dose] }\n"
    (let ((shown (acie-wait #'acie-diagnostics)))
      (should (= 1 (length shown)))
      (should (string-match-p "nois" (car shown))))
    (acie-at "nois\n")
    (let* ((diagnostics (mapcar (lambda (d) (alist-get 'eglot-lsp-diag (flymake-diagnostic-data d))) (flymake-diagnostics)))
           (range (plist-get (car diagnostics) :range))
           (actions (jsonrpc-request (eglot-current-server) :textDocument/codeAction
                                     (list :textDocument (eglot--TextDocumentIdentifier) :range range :context (list :diagnostics (vconcat diagnostics))))))
      (eglot--apply-workspace-edit (plist-get (aref actions 0) :edit)))
    (should (string-match-p "var dose = noise\n" (buffer-string)))
    (should (acie-wait (lambda () (not (acie-diagnostics)))))))

(ert-deftest acie-rename-format-indent ()
  (acie-with "rename.acie" "model M {\n  exo noise ~ normal(0,1)\n  var dose=noise\n}\nquery q on M { return draws[dose] }\n"
    (acie-at "noise")
    (eglot-rename "shock")
    (should (string-match-p "dose=shock" (buffer-string)))
    (eglot-format)
    (should (string-match-p "^    var dose = shock$" (buffer-string)))
    (acie-at "    var dose")
    (indent-line-to 0)
    (acie-indent-line)
    (should (= 4 (current-indentation)))))

(ert-deftest acie-graph ()
  (acie-with "examples/galaxy/galaxy.acie" nil
    (acie-at "do heavier")
    (acie-show-graph)
    (with-current-buffer "*acie graph*"
      (should (string-match-p "Galaxy: doubled" (buffer-string)))
      (should (string-match-p "u_sfr +noise ~ normal(0, 0.3) · exact, from log_sfr" (buffer-string)))
      (should (string-match-p "do log_mass = log_mass \\+ log10(factor)" (buffer-string))))))

(ert-run-tests-batch-and-exit)
