package io.github.controlnet.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.github.controlnet.core.json.FieldException;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.ControlNetException;
import io.github.controlnet.exception.GenerationCancelledException;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.ProviderNotFoundException;
import io.github.controlnet.exception.UnreadableImageException;
import io.github.controlnet.model.MissingWeightsException;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Answers with one sentence when a request cannot be served. */
@RestControllerAdvice
final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /**
   * The body of an answer that is none.
   *
   * @param error in a word
   * @param detail one sentence: the value, what was expected and the remedy
   * @param field the path of the field that is wrong, where one is
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Problem(String error, String detail, @Nullable String field) {
    Problem(String error, String detail) {
      this(error, detail, null);
    }
  }

  @ExceptionHandler({
    InvalidRequestException.class,
    UnreadableImageException.class,
    ProviderNotFoundException.class,
    AnnotationException.class
  })
  ResponseEntity<Problem> wrong(ControlNetException problem) {
    return ResponseEntity.unprocessableEntity()
        .body(
            new Problem(
                "invalid request",
                Paths.withoutFolders(problem.getMessage()),
                problem instanceof FieldException wrong ? wrong.field() : null));
  }

  /** Whoever asks can neither fetch files for this machine nor name them. */
  @ExceptionHandler
  ResponseEntity<Problem> withoutWeights(MissingWeightsException problem) {
    return answer(HttpStatus.UNPROCESSABLE_ENTITY, "invalid request", told(problem));
  }

  /** What clients are told of an exception. */
  static String told(ControlNetException problem) {
    return problem instanceof MissingWeightsException missing
        ? "The annotator \"%s\" needs the weights %s, which this server does not have; choose another annotator, or ask whoever runs the server for them."
            .formatted(missing.annotator(), missing.file())
        : String.valueOf(problem.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Problem> unreadable(HttpMessageNotReadableException problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof RequestLimits.TooLargeException) {
        return answer(HttpStatus.PAYLOAD_TOO_LARGE, "too large", cause.getMessage());
      }
      if (cause instanceof StreamConstraintsException) {
        return answer(
            HttpStatus.UNPROCESSABLE_ENTITY,
            "invalid request",
            "The body of the request is nested deeper, or has longer names or numbers, than any request of this server.");
      }
    }
    if (problem.getCause() instanceof MismatchedInputException mismatch) {
      String place =
          mismatch.getPath().stream()
              .map(
                  part ->
                      part.getFieldName() == null
                          ? Integer.toString(part.getIndex())
                          : part.getFieldName())
              .collect(Collectors.joining("."));
      return answer(
          HttpStatus.UNPROCESSABLE_ENTITY,
          "invalid request",
          place.isEmpty()
              ? "The body of the request has a field twice%s; expected each once."
                  .formatted(twice(mismatch))
              : "The value of \"%s\" is of another kind than expected, or the field is there twice."
                  .formatted(place));
    }
    return answer(HttpStatus.BAD_REQUEST, "no JSON", "The body of the request is no JSON.");
  }

  /** Jackson tells the name in its message alone. */
  private static String twice(MismatchedInputException problem) {
    Matcher name = Pattern.compile("uplicate field '(.{1,100}?)'").matcher(problem.getMessage());
    return name.find() ? ", \"%s\"".formatted(name.group(1)) : "";
  }

  @ExceptionHandler({
    ResponseStatusException.class,
    HttpMediaTypeNotSupportedException.class,
    HttpRequestMethodNotSupportedException.class,
    NoResourceFoundException.class
  })
  ResponseEntity<Problem> unserved(Exception problem) {
    ErrorResponse response = (ErrorResponse) problem;
    HttpStatusCode status = response.getStatusCode();
    return ResponseEntity.status(status)
        .headers(response.getHeaders())
        .body(
            new Problem(
                String.valueOf(HttpStatus.valueOf(status.value()).getReasonPhrase()),
                String.valueOf(response.getBody().getDetail())));
  }

  @ExceptionHandler
  ResponseEntity<Problem> unlikeItsKind(MethodArgumentTypeMismatchException problem) {
    return answer(
        HttpStatus.BAD_REQUEST,
        "invalid address",
        "The address has %s where %s is expected."
            .formatted(problem.getValue(), problem.getName()));
  }

  @ExceptionHandler
  ResponseEntity<Problem> full(JobQueue.FullException problem) {
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, "30")
        .body(new Problem("queue full", String.valueOf(problem.getMessage())));
  }

  /** The engine cancels what it computes, an annotator's network too, when the process ends. */
  @ExceptionHandler({JobQueue.StoppedException.class, GenerationCancelledException.class})
  ResponseEntity<Problem> stopped() {
    return answer(HttpStatus.SERVICE_UNAVAILABLE, "stopped", JobQueue.StoppedException.MESSAGE);
  }

  @ExceptionHandler
  ResponseEntity<Problem> failed(JobQueue.FailedException problem) {
    return answer(HttpStatus.INTERNAL_SERVER_ERROR, "failed", problem.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Problem> failed(ControlNetException problem) {
    LOG.warn("A request failed", problem);
    return answer(HttpStatus.INTERNAL_SERVER_ERROR, "failed", problem.getMessage());
  }

  /** What nobody expected: the log tells more than strangers should read. */
  @ExceptionHandler({RuntimeException.class, Error.class})
  ResponseEntity<Problem> unexpected(Throwable problem) throws Throwable {
    if (problem instanceof ErrorResponse || problem.getCause() instanceof IOException) {
      // Of the framework, which answers by itself; or the client has gone.
      throw problem;
    }
    LOG.error("A request failed", problem);
    return answer(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "failed",
        "Unexpected %s; the server's log tells more."
            .formatted(problem.getClass().getSimpleName()));
  }

  private static ResponseEntity<Problem> answer(
      HttpStatus status, String error, @Nullable String detail) {
    return ResponseEntity.status(status).body(new Problem(error, Paths.withoutFolders(detail)));
  }
}
