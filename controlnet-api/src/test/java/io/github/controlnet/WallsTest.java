package io.github.controlnet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packages import in one direction only: each knows those before it in the list, none after it. */
class WallsTest {
  private static final String ROOT = "io.github.controlnet";

  /** The packages, each of which may use those before it. */
  private static final List<String> ORDER =
      List.of(
          ROOT + ".exception",
          ROOT + ".internal",
          ROOT + ".progress",
          ROOT + ".image",
          ROOT + ".pose",
          ROOT + ".engine",
          ROOT + ".sampler",
          ROOT + ".model",
          ROOT + ".annotator",
          ROOT + ".spi",
          ROOT + ".internal.lookup",
          ROOT,
          ROOT + ".training");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static List<String> packages() {
    return ORDER;
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyThoseBeforeIt(String name) {
    List<String> after = new ArrayList<>(ORDER.subList(ORDER.indexOf(name) + 1, ORDER.size()));
    if (!after.isEmpty()) {
      noClasses()
          .that()
          .resideInAPackage(name)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(after.toArray(String[]::new))
          .check(CLASSES);
    }
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    classes().should().resideInAnyPackage(ORDER.toArray(String[]::new)).check(CLASSES);
  }

  @Test
  void theSpiHoldsProvidersAlone() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".spi")
        .should()
        .beInterfaces()
        .andShould()
        .haveSimpleNameEndingWith("Provider")
        .orShould()
        .haveSimpleName("AnnotatorCatalog")
        .orShould()
        .haveSimpleName("ModelFetcher")
        .orShould()
        .haveSimpleName("ControlMaker")
        .orShould()
        .haveSimpleName("package-info")
        .check(CLASSES);
  }

  @Test
  void noEngineAndNoImageLibraryIsNeeded() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", "org.opencv..", "org.bytedeco..", "com.fasterxml..")
        .check(CLASSES);
  }
}
