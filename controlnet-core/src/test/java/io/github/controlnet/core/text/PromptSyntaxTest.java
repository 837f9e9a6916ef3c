package io.github.controlnet.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.controlnet.core.fixtures.Fixtures;
import io.github.controlnet.exception.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The syntax of weighted and changing prompts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PromptSyntaxTest {
  private final ClipTokenizer tokenizer = ClipTokenizer.open(Fixtures.tiny().resolve("tokenizer"));

  private static String written(String prompt) {
    return PromptWeights.parse(prompt).stream()
        .map(
            part ->
                part.isBreak()
                    ? "BREAK"
                    : part.text() + "=" + Math.round(part.weight() * 1e4) / 1e4)
        .collect(Collectors.joining("|"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "plain;plain=1.0",
        "(x);x=1.1",
        "((x));x=1.21",
        "[x];x=0.9091",
        "(x:1.2);x=1.2",
        "(x: 1.2 );x=1.2",
        "(x:-0.5);x=-0.5",
        "((x:2):2);x=4.0",
        "a (b) c;a =1.0|b=1.1| c=1.0",
        "\\(x\\);(x)=1.0",
        "\\[x\\];[x]=1.0",
        "a\\\\b;a\\b=1.0",
        "a\\b;ab=1.0",
        "a \\o/ b\\;a o/ b=1.0",
        "\\;=1.0",
        "\\\\\\(;\\(=1.0",
        "a  BREAK\t b BREAK BREAK;a=1.0|BREAK|b=1.0|BREAK|=1.0|BREAK|=1.0",
        "BREAKS BREAK;BREAKS=1.0|BREAK|=1.0",
        "(x;x=1.1",
        "x);x)=1.0",
        "[x;x=0.9091",
        "x];x]=1.0",
        "a:b;a:b=1.0",
        "x:1.2);x:1.2)=1.0",
        "(x:1.2.3);x:1.2.3)=1.1",
        "a BREAK b;a=1.0|BREAK|b=1.0",
        "(a BREAK b:2);a=2.0|BREAK|b=2.0",
        "BREAKFAST;BREAKFAST=1.0",
      })
  void weights(String prompt, String expected) {
    assertThat(written(prompt)).isEqualTo(expected);
  }

  private static String schedule(String prompt, int steps) {
    PromptEditing editing = PromptEditing.parse(prompt);
    return editing.ends(steps).stream()
        .map(end -> end + ":" + editing.at(end, steps))
        .collect(Collectors.joining("|"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "test;10:test",
        "a [b:3];3:a |10:a b",
        "a [b: 3];3:a |10:a b",
        "a [[[b]]:2];2:a |10:a [[b]]",
        "[(a:2):3];3:|10:(a:2)",
        "a [b : c : 1] d;1:a b  d|10:a  c  d",
        "a[b:[c:d:2]:1]e;1:abe|2:ace|10:ade",
        "a [unbalanced;10:a [unbalanced",
        "a unbalanced];10:a unbalanced]",
        "a [b:.5] c;5:a  c|10:a b c",
        "a [b::0.3];3:a b|10:a ",
        "((a][:b:c [d:3];3:((a][:b:c |10:((a][:b:c d",
        "[a|b];1:a|2:b|3:a|4:b|5:a|6:b|7:a|8:b|9:a|10:b",
        "[a:b:0];10:b",
        "[a:b:20];10:a",
        "[a:b];10:[a:b]",
        "[a:b:c];10:[a:b:c]",
        "[x];10:[x]",
        "\\[a:b:3\\];10:\\[a:b:3\\]",
      })
  void editing(String prompt, String expected) {
    assertThat(schedule(prompt, 10)).isEqualTo(expected);
  }

  /** Each took minutes or hours once; now no longer than reading them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        " ;x",
        "(;]",
        "[;)",
        "( ;a",
        "[a:;1",
        ":  ;1",
        "BREAK ;a",
        "\\;a",
        "[;:b:2]",
        "a:1;)"
      })
  void longPromptsTakeTheTimeToReadThem(String first, String second) {
    String prompt = first.repeat(200_000) + second.repeat(200_000);
    assertThat(PromptEditing.parse(prompt).at(1, 10)).isNotNull();
    // As long as a request may have it; weights within weights cost their product.
    String legal = first.repeat(5_000 / first.length()) + second.repeat(5_000 / second.length());
    assertThat(PromptWeights.parse(legal)).isNotEmpty();
  }

  @Test
  void absurdNestingEndsNothing() {
    String deep = "[".repeat(20_000) + "a" + ":b:2]".repeat(20_000);
    assertThat(PromptEditing.parse(deep).at(1, 10)).isNotEmpty();
    assertThat(PromptWeights.parse("(".repeat(20_000) + "x")).hasSize(1);
    assertThat(PromptEditing.parse("[".repeat(20_000)).at(1, 1)).hasSize(20_000);
  }

  private static int words(PromptChunk chunk, ClipTokenizer tokenizer) {
    return IntStream.range(1, chunk.tokens().length)
            .filter(i -> chunk.tokens()[i] == tokenizer.end())
            .findFirst()
            .orElseThrow()
        - 1;
  }

  @Test
  void longPromptsGoOnInFurtherChunks() {
    PromptChunks chunks = new PromptChunks(tokenizer, Map.of());
    int each = tokenizer.ids("bird").length;
    List<PromptChunk> many = chunks.weighted("bird ".repeat(100));
    assertThat(many.stream().mapToInt(chunk -> words(chunk, tokenizer)).sum())
        .isEqualTo(100 * each);
    assertThat(many).hasSize((100 * each + 74) / 75);
    assertThat(chunks.weighted("")).hasSize(1);
    assertThat(chunks.weighted("").get(0).tokens()).isEqualTo(tokenizer.encode(""));
    assertThat(chunks.weighted("a BREAK b BREAK c")).hasSize(3);
    assertThat(chunks.weighted("a bird").get(0).tokens()).isEqualTo(tokenizer.encode("a bird"));
  }

  @Test
  void aChunkEndsAtACommaThatIsNear() {
    PromptChunks chunks = new PromptChunks(tokenizer, Map.of());
    int each = tokenizer.ids("bird").length;
    int before = 60 / each;
    String start = "bird ".repeat(before) + ",";
    List<PromptChunk> near = chunks.weighted(start + " bird".repeat(40));
    assertThat(words(near.get(0), tokenizer)).isEqualTo(before * each + 1);
    List<PromptChunk> far = chunks.weighted("bird, " + "bird ".repeat(100));
    assertThat(words(far.get(0), tokenizer)).isEqualTo(75);
  }

  @Test
  void learnedWordsTakeTheirPlacesAndAreNeverTorn() {
    float[][] vectors = new float[10][4];
    PromptChunks chunks = new PromptChunks(tokenizer, Map.of("long-word", vectors));
    int each = tokenizer.ids("bird").length;
    List<PromptChunk> two = chunks.weighted("bird ".repeat(70 / each) + "(Long-Word:1.5)");
    assertThat(two).hasSize(2);
    assertThat(two.get(1).inserted()).hasSize(10);
    assertThat(two.get(1).inserted().get(0).position()).isEqualTo(1);
    assertThat(two.get(1).weights()[10]).isEqualTo(1.5);
    int[] cut = {0};
    PromptChunk literal = chunks.literal("bird ".repeat(70 / each) + "long-word", n -> cut[0] = n);
    assertThat(literal.inserted()).hasSize(75 - 70 / each * each);
    assertThat(cut[0]).isEqualTo(70 / each * each + 10);
    assertThat(Arrays.stream(literal.weights()).allMatch(weight -> weight == 1)).isTrue();
  }

  @Test
  void anUnknownLearnedWordIsNamed() {
    PromptChunks chunks = new PromptChunks(tokenizer, Map.of("bad-hands", new float[1][4]));
    chunks.requireKnown("a bird, embedding:bad-hands, embedding:Bad-Hands");
    chunks.requireKnown("an embedding: of things");
    assertThatThrownBy(() -> chunks.requireKnown("a bird, (embedding:bad-feet:1.2)"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("\"bad-feet\"")
        .hasMessageContaining("bad-hands");
    assertThatThrownBy(() -> chunks.requireKnown("embedding:bad-hands2"))
        .isInstanceOf(InvalidRequestException.class);
  }
}
