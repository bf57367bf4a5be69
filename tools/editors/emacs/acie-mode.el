;;; acie-mode.el --- Causal models in acie, with eglot  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1") (eglot "1.9"))
;; License: Apache-2.0

;;; Commentary:

;; Colours, indentation and comments for .acie files, the language server for eglot, and two commands: `acie-show-graph' shows
;; the causal graph of the model at point, `acie-run-query' answers a query.  Eglot is part of Emacs from 29 on; before, it is the
;; package eglot (Debian: elpa-eglot).

;;; Code:

(require 'eglot)

(defgroup acie nil "Causal models in acie." :group 'languages)

(defcustom acie-bin nil
  "Folder of acie-lsp and acie-run; nil for `exec-path'."
  :type '(choice (const nil) directory))

(defcustom acie-server-options nil
  "Options of the server: a property list of :debounce, :pedantic, :includeDirs."
  :type 'plist)

(defun acie--program (name)
  "The command NAME, in `acie-bin' if that is set."
  (if acie-bin (expand-file-name name acie-bin) name))

(defconst acie--keywords
  '("unit" "dim" "type" "const" "param" "fn" "mechanism" "model" "intervention" "constraint" "query" "fit" "party" "key" "graph"
    "input" "exo" "var" "learn" "latent" "let" "edition" "import" "return" "minimize" "with" "over" "stat" "weight" "freeze" "train"
    "monitor" "write" "check" "do" "given" "world" "abduct" "enforce" "observe" "if" "then" "else" "for" "in" "as" "and" "or" "not"
    "on" "by" "at" "under" "from" "held" "allow" "tolerance" "relative" "to" "moving" "extern"))

(defconst acie--font-lock
  `((,(concat "\\_<" (regexp-opt '("fn" "mechanism" "intervention")) "\\s-+\\(\\(?:\\sw\\|\\s_\\)+\\)") 1 font-lock-function-name-face)
    (,(concat "\\_<" (regexp-opt '("model" "type" "query" "constraint")) "\\s-+\\(\\(?:\\sw\\|\\s_\\)+\\)") 1 font-lock-type-face)
    (,(concat "\\_<" (regexp-opt '("input" "exo" "var" "learn" "latent" "let" "const" "param" "dim" "world")) "\\s-+\\(\\(?:\\sw\\|\\s_\\)+\\)")
     1 font-lock-variable-name-face)
    (,(regexp-opt acie--keywords 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("true" "false") 'symbols) . font-lock-constant-face)
    (,(regexp-opt '("f64" "f32" "i64" "i32" "bool" "str" "stream" "law") 'symbols) . font-lock-type-face)
    ;; A unit belongs to the number, type or `as' before it.
    ("\\(?:[0-9]\\|f64\\|f32\\|i64\\|i32\\|\\_<as\\s-*\\)\\(<[^<>=,;{}\n]*>\\)" 1 font-lock-constant-face)
    ("~\\s-*\\(\\(?:\\sw\\|\\s_\\)+\\)(" 1 font-lock-builtin-face)))

(defvar acie-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124" table)
    (modify-syntax-entry ?* ". 23b" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?` "\"" table)
    (dolist (operator '(?< ?> ?= ?~ ?+ ?- ?^ ?@ ?|)) (modify-syntax-entry operator "." table))
    table))

(defvar acie-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-g") #'acie-show-graph)
    (define-key map (kbd "C-c C-r") #'acie-run-query)
    (define-key map (kbd "C-c C-f") #'eglot-format)
    (define-key map (kbd "C-c C-a") #'eglot-code-actions)
    (define-key map (kbd "C-c C-n") #'eglot-rename)
    map))

(defun acie-indent-line ()
  "Indent by four columns for each bracket that is open before the line."
  (interactive)
  (let* ((state (save-excursion (syntax-ppss (line-beginning-position))))
         (closing (save-excursion (back-to-indentation) (looking-at-p "[])}]")))
         (column (* 4 (max 0 (- (car state) (if closing 1 0)))))
         (offset (- (current-column) (current-indentation))))
    (unless (nth 8 state)
      (indent-line-to column)
      (when (> offset 0) (forward-char offset)))))

;;;###autoload
(define-derived-mode acie-mode prog-mode "acie"
  "Major mode for causal models in acie."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "//+\\s-*")
  (setq-local comment-end "")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'acie-indent-line)
  (setq-local electric-indent-chars (append "})]" electric-indent-chars))
  (setq font-lock-defaults '(acie--font-lock)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.acie\\'" . acie-mode))

(add-to-list 'eglot-server-programs
             `(acie-mode . ,(lambda (&rest _)
                              (if acie-server-options
                                  (list (acie--program "acie-lsp") :initializationOptions acie-server-options)
                                (list (acie--program "acie-lsp"))))))

(defun acie--ask-graph (&rest more)
  "The graph of the model at point as a property list; MORE are further parameters."
  (jsonrpc-request (eglot--current-server-or-lose) :acie/graph (append (eglot--TextDocumentPositionParams) more)))

(defun acie--graph-lines (graph)
  "GRAPH, an answer of the server, as lines of text."
  (let ((parents (make-hash-table :test #'equal))
        (width (apply #'max 1 (mapcar (lambda (node) (length (plist-get node :name))) (plist-get graph :nodes)))))
    (seq-doseq (edge (plist-get graph :edges)) (push (plist-get edge :from) (gethash (plist-get edge :to) parents)))
    (append
     (list (if (plist-get graph :query) (format "%s: %s" (plist-get graph :model) (plist-get graph :query)) (plist-get graph :model)) "")
     (mapcar
      (lambda (node)
        (let ((recovered (plist-get node :recovered)) (name (plist-get node :name)))
          (string-join
           (delq nil
                 (list (format (format "  %%-%ds " width) name)
                       (cdr (assoc (plist-get node :role) '(("input" . "input") ("exo" . "noise") ("constraint" . "constraint"))))
                       (and (plist-get node :law) (concat "~ " (plist-get node :law)))
                       (and (gethash name parents) (concat "← " (string-join (reverse (gethash name parents)) ", ")))
                       (and (eq (plist-get node :given) t) "· given")
                       (and recovered (concat "· " (plist-get recovered :method)
                                              (and (plist-get recovered :from) (concat ", from " (plist-get recovered :from)))))
                       (and (eq (plist-get node :returned) t) "· returned")))
           " ")))
      (plist-get graph :nodes))
     (seq-mapcat
      (lambda (world)
        (unless (seq-empty-p (plist-get world :sets))
          (append
           (list "" (if (string-empty-p (plist-get world :name)) "world of the query" (concat "world " (plist-get world :name))))
           (seq-mapcat
            (lambda (set)
              (append (list (concat "  " (or (plist-get set :text) (concat "do " (plist-get set :target)))))
                      (unless (seq-empty-p (plist-get set :cuts)) (list (concat "    cut from " (string-join (plist-get set :cuts) ", "))))))
            (plist-get world :sets)))))
      (plist-get graph :worlds)))))

;;;###autoload
(defun acie-show-graph ()
  "Show the causal graph of the model at point.
It is a picture where Emacs can show one, else text."
  (interactive)
  (let* ((picture (and (display-images-p) (image-type-available-p 'svg)))
         (graph (if picture (acie--ask-graph :svg t) (acie--ask-graph))))
    (unless graph (user-error "No model here"))
    (with-current-buffer (get-buffer-create "*acie graph*")
      (let ((inhibit-read-only t))
        (erase-buffer)
        (if picture
            (insert-image (create-image (plist-get graph :svg) 'svg t))
          (insert (string-join (acie--graph-lines graph) "\n") "\n"))
        (goto-char (point-min)))
      (special-mode)
      (display-buffer (current-buffer)))))

(defun acie-run-query (query options)
  "Answer QUERY of this program with acie-run.
OPTIONS are further words of its command line."
  (interactive
   (let (queries)
     (save-excursion
       (goto-char (point-min))
       (while (re-search-forward "^\\s-*query\\s-+\\(\\(?:\\sw\\|\\s_\\)+\\)" nil t) (push (match-string-no-properties 1) queries)))
     (list (completing-read "Query: " (nreverse queries) nil t) (read-string "Options: " "--out -"))))
  (save-buffer)
  (compile (format "%s %s %s %s" (shell-quote-argument (acie--program "acie-run")) (shell-quote-argument buffer-file-name)
                   (shell-quote-argument query) options)))

(provide 'acie-mode)
;;; acie-mode.el ends here
